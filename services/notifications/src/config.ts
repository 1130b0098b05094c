/**
 * Configuration of notifications.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/** Reads what every service has (`PORT`: 8085) and `UNSTABLE_URL`. @throws {ConfigurationError} */
export function readConfig(config: Config) {
  return {
    ...serviceConfig(config, 8085),
    unstableUrl: config.url('UNSTABLE_URL', 'http://127.0.0.1:8087'),
  };
}

/**
 * Configuration of catalog.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/** Reads what every service has (`PORT`: 8081) and `DATABASE_URL`, `DATABASE_PASSWORD`. @throws {ConfigurationError} */
export function readConfig(config: Config) {
  return {
    ...serviceConfig(config, 8081),
    databaseUrl: config.databaseUrl(),
  };
}

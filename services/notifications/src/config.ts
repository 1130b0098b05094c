/**
 * Configuration of notifications.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/** Reads `PORT` (8085), `HOST` (127.0.0.1) and `UNSTABLE_URL`. @throws {ConfigurationError} */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  return {
    port: config.port('PORT', 8085),
    host: config.text('HOST', '127.0.0.1'),
    unstableUrl: config.url('UNSTABLE_URL', 'http://127.0.0.1:8087'),
  };
}

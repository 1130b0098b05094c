/**
 * Configuration of catalog.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/** Reads `PORT` (8081), `HOST` (127.0.0.1) and `DATABASE_URL`. @throws {ConfigurationError} */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  return {
    port: config.port('PORT', 8081),
    host: config.text('HOST', '127.0.0.1'),
    databaseUrl: config.text('DATABASE_URL'),
  };
}

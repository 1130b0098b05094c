/**
 * Configuration of payments.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/** Reads `PORT` (8084), `HOST` (127.0.0.1), `DATABASE_URL` and `PROVIDER_URL`. @throws {ConfigurationError} */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  return {
    port: config.port('PORT', 8084),
    host: config.text('HOST', '127.0.0.1'),
    databaseUrl: config.text('DATABASE_URL'),
    providerUrl: config.url('PROVIDER_URL', 'http://127.0.0.1:8087'),
  };
}

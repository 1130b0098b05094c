/**
 * Configuration of users.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/**
 * Reads `PORT` (8082), `HOST` (127.0.0.1), `DATABASE_URL` and `ORDERS_URL`.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  return {
    port: config.port('PORT', 8082),
    host: config.text('HOST', '127.0.0.1'),
    databaseUrl: config.text('DATABASE_URL'),
    ordersUrl: config.url('ORDERS_URL', 'http://127.0.0.1:8083'),
  };
}

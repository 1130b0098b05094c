/**
 * Configuration of the gateway.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/**
 * Reads `PORT` (8080), `HOST` (127.0.0.1), `CATALOG_URL` and `ORDERS_URL`.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  return {
    port: config.port('PORT', 8080),
    host: config.text('HOST', '127.0.0.1'),
    catalogUrl: config.url('CATALOG_URL', 'http://127.0.0.1:8081'),
    ordersUrl: config.url('ORDERS_URL', 'http://127.0.0.1:8083'),
  };
}

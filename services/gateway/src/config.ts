/**
 * Configuration of the gateway.
 *
 * @module
 */
import { Config } from '@breakwater/service';

/**
 * Reads `PORT` (8080), `HOST` (127.0.0.1), `CATALOG_URL`, `ORDERS_URL`, `USERS_URL`, and
 * `SECURE_DATA_TOKEN`, which has a default on loopback only.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  const host = config.text('HOST', '127.0.0.1');
  return {
    port: config.port('PORT', 8080),
    host,
    catalogUrl: config.url('CATALOG_URL', 'http://127.0.0.1:8081'),
    ordersUrl: config.url('ORDERS_URL', 'http://127.0.0.1:8083'),
    usersUrl: config.url('USERS_URL', 'http://127.0.0.1:8082'),
    secureDataToken: config.token('SECURE_DATA_TOKEN', host),
  };
}

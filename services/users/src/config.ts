/**
 * Configuration of users.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/**
 * Reads what every service has (`PORT`: 8082), `DATABASE_URL`, `DATABASE_PASSWORD` and `ORDERS_URL`.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(config: Config) {
  return {
    ...serviceConfig(config, 8082),
    databaseUrl: config.databaseUrl(),
    ordersUrl: config.url('ORDERS_URL', 'http://127.0.0.1:8083'),
  };
}

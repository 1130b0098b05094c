/**
 * Configuration of the gateway.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/**
 * Reads what every service has (`PORT`: 8080), `CATALOG_URL`, `ORDERS_URL`, `USERS_URL`,
 * `UNSTABLE_URL`, and `SECURE_DATA_TOKEN`, which has a default on loopback only. `RATE_LIMIT_PER_MINUTE`
 * (60000; 0 for none) bounds what one address may send, and `TRUSTED_PROXIES` (0) says how many
 * proxies of our own are in front.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(config: Config) {
  const listen = serviceConfig(config, 8080);
  return {
    ...listen,
    catalogUrl: config.url('CATALOG_URL', 'http://127.0.0.1:8081'),
    ordersUrl: config.url('ORDERS_URL', 'http://127.0.0.1:8083'),
    usersUrl: config.url('USERS_URL', 'http://127.0.0.1:8082'),
    unstableUrl: config.url('UNSTABLE_URL', 'http://127.0.0.1:8087'),
    rateLimit: {
      // Beyond what one process can answer: it stops a flood, not a load test on this machine.
      perMinute: config.integer('RATE_LIMIT_PER_MINUTE', 60_000),
      trustedProxies: config.integer('TRUSTED_PROXIES', 0, 0, 10),
    },
    secureDataToken: config.token('SECURE_DATA_TOKEN', listen.host),
  };
}

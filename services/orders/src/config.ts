/**
 * Configuration of orders.
 *
 * @module
 */
import { Config, ConfigurationError } from '@breakwater/service';

/**
 * Reads `PORT` (8083), `HOST` (127.0.0.1), `DATABASE_URL`, `CATALOG_URL`, `PAYMENTS_URL`,
 * `NOTIFICATIONS_URL`, `USERS_URL` and `USERS_REPLICA_URL`, which is the same where there is none;
 * `RECONCILE=off` leaves unsettled orders to other instances, `RECONCILE_SWEEP_MS` (15000) and
 * `RECONCILE_PENDING_MS` (10000) say how often to look for them, and how old is abandoned.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const config = new Config(env);
  const reconcile = config.text('RECONCILE', 'on');
  if (reconcile !== 'on' && reconcile !== 'off') {
    throw new ConfigurationError(`RECONCILE=${reconcile} is neither on nor off`);
  }
  const usersUrl = config.url('USERS_URL', 'http://127.0.0.1:8082');
  return {
    port: config.port('PORT', 8083),
    host: config.text('HOST', '127.0.0.1'),
    databaseUrl: config.text('DATABASE_URL'),
    catalogUrl: config.url('CATALOG_URL', 'http://127.0.0.1:8081'),
    paymentsUrl: config.url('PAYMENTS_URL', 'http://127.0.0.1:8084'),
    notificationsUrl: config.url('NOTIFICATIONS_URL', 'http://127.0.0.1:8085'),
    usersUrl,
    usersReplicaUrl: config.url('USERS_REPLICA_URL', usersUrl),
    reconcile: reconcile === 'on',
    sweepMs: config.integer('RECONCILE_SWEEP_MS', 15_000, 100),
    abandonedMs: config.integer('RECONCILE_PENDING_MS', 10_000, 100),
  };
}

/**
 * Configuration of orders.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/**
 * Reads what every service has (`PORT`: 8083), `DATABASE_URL`, `DATABASE_PASSWORD`, `CATALOG_URL`, `PAYMENTS_URL`,
 * `NOTIFICATIONS_URL`, `USERS_URL` and `USERS_REPLICA_URL`, which is the same where there is none;
 * `PEER_TRANSPORT=grpc` asks catalog and payments at `CATALOG_GRPC_URL` and `PAYMENTS_GRPC_URL`;
 * `RECONCILE=off` leaves unsettled orders to other instances, `RECONCILE_SWEEP_MS` (15000) and
 * `RECONCILE_PENDING_MS` (10000) say how often to look for them, and how old is abandoned.
 *
 * @throws {ConfigurationError}
 */
export function readConfig(config: Config) {
  const usersUrl = config.url('USERS_URL', 'http://127.0.0.1:8082');
  return {
    ...serviceConfig(config, 8083),
    databaseUrl: config.databaseUrl(),
    catalogUrl: config.url('CATALOG_URL', 'http://127.0.0.1:8081'),
    paymentsUrl: config.url('PAYMENTS_URL', 'http://127.0.0.1:8084'),
    transport: config.oneOf('PEER_TRANSPORT', ['rest', 'grpc'], 'rest'),
    catalogGrpcUrl: config.url('CATALOG_GRPC_URL', 'http://127.0.0.1:9181'),
    paymentsGrpcUrl: config.url('PAYMENTS_GRPC_URL', 'http://127.0.0.1:9184'),
    notificationsUrl: config.url('NOTIFICATIONS_URL', 'http://127.0.0.1:8085'),
    usersUrl,
    usersReplicaUrl: config.url('USERS_REPLICA_URL', usersUrl),
    reconcile: config.switch('RECONCILE', 'on'),
    sweepMs: config.integer('RECONCILE_SWEEP_MS', 15_000, 100),
    abandonedMs: config.integer('RECONCILE_PENDING_MS', 10_000, 100),
  };
}

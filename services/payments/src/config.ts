/**
 * Configuration of payments.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/** Reads what every service has (`PORT`: 8084), `GRPC_PORT` (9184), `DATABASE_URL`, `DATABASE_PASSWORD` and `PROVIDER_URL`. @throws {ConfigurationError} */
export function readConfig(config: Config) {
  return {
    ...serviceConfig(config, 8084),
    grpcPort: config.port('GRPC_PORT', 9184),
    databaseUrl: config.databaseUrl(),
    providerUrl: config.url('PROVIDER_URL', 'http://127.0.0.1:8087'),
  };
}

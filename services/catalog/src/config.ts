/**
 * Configuration of catalog.
 *
 * @module
 */
import { type Config, serviceConfig } from '@breakwater/kit';

/** Reads what every service has (`PORT`: 8081), `GRPC_PORT` (9181) and `DATABASE_URL`, `DATABASE_PASSWORD`. @throws {ConfigurationError} */
export function readConfig(config: Config) {
  return {
    ...serviceConfig(config, 8081),
    grpcPort: config.port('GRPC_PORT', 9181),
    databaseUrl: config.databaseUrl(),
  };
}

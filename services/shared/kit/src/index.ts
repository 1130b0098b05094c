/**
 * What the services of the shop share: configuration by the environment, databases, faults on
 * command.
 *
 * @module
 */
export { Config, ConfigurationError } from './config.ts';
export { createClient, createGrpcClient } from './create-client.ts';
export { createService, type Service, type ServiceOptions } from './create-service.ts';
export { DATABASE_ERRORS, type Database, type DatabaseOptions, openDatabase } from './database.ts';
export { databaseErrors } from './database-errors.ts';
export { type Clock, systemClock } from './faults/clock.ts';
export { leaseSeconds, mountFaultRoutes } from './faults/fault-routes.ts';
export { LeasedFault, LeasedFaults } from './faults/leased-faults.ts';
export { parseMessage } from './parse-message.ts';
export { runService } from './run-service.ts';
export { type GrpcListener, serveGrpc } from './serve-grpc.ts';
export { inFlightLimit, serviceConfig, trust } from './service-config.ts';
export { startUp } from './start-up.ts';

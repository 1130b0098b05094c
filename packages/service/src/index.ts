/**
 * A Hono service with the error contract, telemetry and life cycle wired in.
 *
 * @module
 */

export { type Random, seededRandom } from '@breakwater/resilience';
export {
  ACCESS_ERRORS,
  accessCheck,
  accessControl,
  ForeignHostError,
  ForeignOriginError,
} from './access-control.ts';
export { BreakerNotIsolatedError } from './breakers.ts';
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.ts';
export { clientAddress, clientNetwork } from './client-address.ts';
export { Config, ConfigurationError, isLoopback } from './config.ts';
export {
  requireBearer,
  requireToken,
  secretsEqual,
  TOKEN_ERRORS,
  type TokenOptions,
} from './control.ts';
export { createService, type Service, type ServiceOptions } from './create-service.ts';
export { DATABASE_ERRORS, type Database, type DatabaseOptions, openDatabase } from './database.ts';
export { databaseErrors } from './database-errors.ts';
export type { Degradation, DegradedModes, Ways } from './degradation.ts';
export { type Clock, systemClock } from './faults/clock.ts';
export { leaseSeconds, mountFaultRoutes } from './faults/fault-routes.ts';
export { LeasedFault, LeasedFaults } from './faults/leased-faults.ts';
export { type CheckResult, Readiness, type ReadinessCheck } from './health.ts';
export { jsonBody } from './json-body.ts';
export type { Address } from './listener.ts';
export { HEADERS, METRICS } from './names.ts';
export { fromPeer, PEER_ERRORS } from './peer-error.ts';
export { PEER_BREAKER, wasNotSent } from './peer-policy.ts';
export type { RequestVariables, ServiceEnv } from './request-context.ts';
export { body, type DeclaredError, json, route } from './route.ts';
export {
  type RunningService,
  type RunOptions,
  runService,
} from './run-service.ts';
export { serviceConfig } from './service-config.ts';
export { startUp } from './start-up.ts';
export type { PeerAnswer } from './transport.ts';
export { INTERNAL_HEADERS, type Trust } from './trust.ts';

/**
 * Adopts a Hono app: ids, span, metrics, one line a request, the error contract and bounds.
 *
 * @module
 */
export {
  ACCESS_ERRORS,
  accessCheck,
  accessControl,
  ForeignHostError,
  ForeignOriginError,
} from './access-control.ts';
export { limitBody } from './body-limit.ts';
export { BreakerNotIsolatedError } from './breakers.ts';
export { type Breakwater, type BreakwaterOptions, breakwater } from './breakwater.ts';
export { clientAddress, clientNetwork } from './client-address.ts';
export { ContractRequests, type ContractRequestsOptions } from './contract-requests.ts';
export {
  requireBearer,
  requireToken,
  secretsEqual,
  TOKEN_ERRORS,
  type TokenOptions,
} from './control.ts';
export { createService, type Service, type ServiceOptions } from './create-service.ts';
export type { Degradation, DegradedModes, Ways } from './degradation.ts';
export { type DeprecationOptions, deprecated, deprecationHeaders } from './deprecated.ts';
export { type CheckResult, Readiness, type ReadinessCheck } from './health.ts';
export { createHttpServer } from './http-server.ts';
export { jsonBody } from './json-body.ts';
export { limitInFlight } from './limit-in-flight.ts';
export type { Address } from './listener.ts';
export { DEVELOPMENT_TOKEN, isLoopback } from './loopback.ts';
export { handlerMethod, routeTemplate } from './matched-route.ts';
export {
  type ContractOptions,
  contractErrors,
  deadline,
  requestLog,
  requestMetrics,
  serverSpan,
} from './middlewares.ts';
export { HEADERS, METRICS } from './names.ts';
export { isQuiet } from './operational-paths.ts';
export {
  noteFailure,
  type RequestRecord,
  recordOf,
  requestIds,
  type ServiceEnv,
} from './request-record.ts';
export { body, type DeclaredError, json, route } from './route.ts';
export { type RunningService, type RunOptions, runService } from './run-service.ts';
export { INTERNAL_HEADERS, type Trust } from './trust.ts';

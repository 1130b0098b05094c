/**
 * Names of the metrics that are read here; the services own them.
 *
 * @module
 */

/** Metrics of every service. */
export const READ_METRICS = {
  requestDuration: 'http_server_request_duration_seconds',
  errors: 'service_errors_total',
  breakerStatus: 'resilience_circuit_breaker_status',
} as const;

/** States of a circuit, the worst first: what a breaker with several circuits is shown in. */
export const WORST_FIRST = ['open', 'isolated', 'half_open', 'closed'] as const;

/** What spans and lines of calls over gRPC have in place of what HTTP has. */
export const RPC_FIELDS = {
  system: 'rpc.system.name',
  method: 'rpc.method',
  /** What the error contract makes of the response, as a status of HTTP. */
  status: 'breakwater.status_code',
} as const;

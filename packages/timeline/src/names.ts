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

/**
 * Every metric and header name this package owns, once.
 *
 * @module
 */

/** Prometheus metric names: rate, errors, duration, and what is in flight. */
export const METRICS = {
  requestDuration: 'http_server_request_duration_seconds',
  activeRequests: 'http_server_active_requests',
  /** Requests beyond this are refused with `OVERLOADED`. */
  activeRequestsLimit: 'http_server_active_requests_limit',
  /** Handlers whose request was cut at its deadline, as long as they go on. */
  abandonedHandlers: 'http_server_abandoned_handlers',
  /** Handlers that ended after that, by `outcome`: success or failure. */
  lateResults: 'http_server_late_results_total',
  /** Failed responses, by the error code they carried and the dependency they are about, if any. */
  errors: 'service_errors_total',
  /** Responses that failed after their head was sent. */
  brokenResponses: 'http_server_broken_responses_total',
  /** 1 while the service answers `/readyz` with 200. */
  ready: 'service_ready',
  /** Responses given in a degraded mode. */
  degradedAnswers: 'service_degraded_answers_total',
  /** Requests by `contract`, `version` and `consumer`. */
  contractRequests: 'contract_requests_total',
} as const;

/** Header names, lower-case. */
export const HEADERS = {
  traceId: 'x-trace-id',
  requestId: 'x-request-id',
  serverTiming: 'server-timing',
  idempotencyKey: 'idempotency-key',
  /** `true` on a response of a degraded mode. */
  degraded: 'x-degraded',
} as const;

/** Span names of this package's own spans; everything else is named by an instrumentation. */
export const ROUTE_UNMATCHED = 'unmatched';

/**
 * Every metric, attribute and log field name this package owns, once.
 *
 * @module
 */

/** Prometheus metric names. */
export const METRICS = {
  /** Log lines handed to the outputs, by level. */
  logLines: 'log_lines_total',
  /** Log lines the file could not take (disk full, permissions); stdout still has them. */
  logLinesLost: 'log_lines_lost_total',
} as const;

/** Span attributes beyond the semantic conventions. */
export const ATTRIBUTES = {
  /** The trace is named by an exemplar and must survive sampling. */
  exemplar: 'breakwater.exemplar',
  /** The error code a SERVER span answered with. */
  errorCode: 'breakwater.error_code',
  /** Which attempt of a call this is; absent on the first (HTTP semantic conventions). */
  resendCount: 'http.request.resend_count',
} as const;

/** Fields of a log line; the JSON keys are the names Loki gets, with `.` as `_`. */
export const FIELDS = {
  serviceName: 'service.name',
  serviceNamespace: 'service.namespace',
  environment: 'deployment.environment.name',
  traceId: 'trace_id',
  spanId: 'span_id',
  requestId: 'request_id',
  sequence: 'seq',
  errorCode: 'error_code',
  errorType: 'error_type',
  method: 'http.request.method',
  route: 'http.route',
  statusCode: 'http.response.status_code',
  durationMs: 'duration_ms',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStack: 'exception.stacktrace',
} as const;

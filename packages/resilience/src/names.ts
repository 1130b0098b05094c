/**
 * Every metric, label, event, attribute, log field and header name of this package, once.
 *
 * @module
 */

/** Prometheus metric names. Labels are bounded: names of dependencies and the words below. */
export const METRICS = {
  /** 1 for the state a circuit is in, 0 for the others. */
  breakerStatus: 'resilience_circuit_breaker_status',
  breakerTransitions: 'resilience_circuit_breaker_transitions_total',
  /** Executions by how they ended; their sum is the number of executions. */
  calls: 'resilience_calls_total',
  /** Attempts that were refused before anything was sent, by what refused them. */
  rejections: 'resilience_rejections_total',
  retries: 'resilience_retries_total',
  /** Retries that the error would have allowed and something else forbade. */
  retriesSkipped: 'resilience_retries_skipped_total',
  /** Retries the budget would allow at this moment. */
  retryBudgetRemaining: 'resilience_retry_budget_remaining',
  bulkheadActive: 'resilience_bulkhead_active',
  bulkheadQueued: 'resilience_bulkhead_queued',
  bulkheadLimit: 'resilience_bulkhead_limit',
  bulkheadQueueLimit: 'resilience_bulkhead_queue_limit',
  executionDuration: 'resilience_execution_duration_seconds',
  attemptDuration: 'resilience_attempt_duration_seconds',
  /** Attempts given up on (timeout, cancellation) whose function still runs. */
  attemptsAbandoned: 'resilience_attempts_abandoned',
  fallbacks: 'resilience_fallbacks_total',
  /** Telemetry listeners that threw; the calls were not touched. */
  listenerErrors: 'resilience_listener_errors_total',
  errorRate: 'resilience_error_rate',
  errorRateRequests: 'resilience_error_rate_window_requests',
  errorRateErrors: 'resilience_error_rate_window_errors',
  errorRateUnhealthy: 'resilience_error_rate_unhealthy',
} as const;

/** How an execution ended, as the label `outcome` of {@link METRICS}. */
export const OUTCOMES = ['success', 'failure', 'ignored', 'rejected', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The states of a circuit, as the label `state`. */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open', 'isolated'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** Every transition there is, as the labels `from` and `to`. */
export const TRANSITIONS: readonly (readonly [from: CircuitState, to: CircuitState])[] = [
  ['closed', 'open'],
  ['open', 'half_open'],
  ['half_open', 'closed'],
  ['half_open', 'open'],
  ['closed', 'isolated'],
  ['open', 'isolated'],
  ['half_open', 'isolated'],
  ['isolated', 'half_open'],
];

/** What refused an attempt. */
export const REJECTION_REASONS = [
  'circuit_open',
  'circuit_half_open',
  'circuit_isolated',
  'bulkhead_full',
  'bulkhead_wait',
  'deadline',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** What an attempt was repeated for. */
export const RETRY_REASONS = [
  'timeout',
  'unavailable',
  'bad_answer',
  'rate_limited',
  'error',
] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** What forbade a retry that the error would have allowed. */
export const SKIP_REASONS = ['budget', 'deadline', 'retry_after', 'circuit', 'peer'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Where a value came from. */
export const SOURCES = ['primary', 'fallback', 'cache', 'stale', 'degraded'] as const;
export type Source = (typeof SOURCES)[number];

/** Span events. */
export const EVENTS = {
  transition: 'resilience.circuit_breaker.transition',
  rejection: 'resilience.rejection',
  retry: 'resilience.retry',
  fallback: 'resilience.fallback',
} as const;

/** Attributes of spans and span events. */
export const ATTRIBUTES = {
  dependency: 'resilience.dependency',
  breaker: 'resilience.breaker',
  from: 'resilience.from',
  to: 'resilience.to',
  failures: 'resilience.failures',
  reason: 'resilience.reason',
  attempt: 'resilience.attempt',
  delayMs: 'resilience.delay_ms',
  source: 'resilience.source',
  errorType: 'error.type',
  /** Which attempt of a call this is; absent on the first (HTTP semantic conventions). */
  resendCount: 'http.request.resend_count',
} as const;

/** Fields of the log lines. */
export const FIELDS = {
  breaker: 'breaker',
  from: 'from',
  to: 'to',
  failures: 'failures',
  reason: 'reason',
  lastsMs: 'lasts_ms',
  by: 'by',
  why: 'why',
  traceId: 'trace_id',
  errorType: 'error_type',
} as const;

/** HTTP headers, in lower case. */
export const HEADERS = {
  /**
   * The milliseconds left of a deadline when the request is sent. Relative, as gRPC's
   * `grpc-timeout`, so that the clocks of two machines need not agree.
   */
  deadline: 'x-deadline-ms',
  /** `false` on an error that the answering service has retried already. */
  shouldRetry: 'x-should-retry',
} as const;

/**
 * One policy per dependency, with its telemetry: timeouts, retries, circuit breakers, bulkheads,
 * fallbacks and deadlines.
 *
 * @module
 */
export type { AttemptContext } from './attempt.ts';
export type {
  BreakerSnapshot,
  IsolateOptions,
  Transition,
  TransitionReason,
} from './breaker/breaker.ts';
export type { CallOptions } from './call.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export {
  Deadline,
  formatDeadline,
  MAX_DEADLINE_MS,
  parseDeadline,
} from './deadline.ts';
export {
  type Decider,
  EVIDENCE,
  type Evidence,
  evidenceOf,
  isReplaceable,
  isRetryable,
  outcomeWord,
} from './deciders.ts';
export { deliveryOf } from './delivery.ts';
export type { Dependency } from './dependency.ts';
export {
  ErrorRateMonitor,
  type ErrorRateMonitorOptions,
  type ErrorRateSnapshot,
} from './error-rate-monitor.ts';
export { BulkheadFullError, CircuitIsolatedError, CircuitOpenError } from './errors.ts';
export type {
  AttemptEvent,
  CallEvent,
  FallbackEvent,
  Listener,
  ListenerErrorEvent,
  RejectionEvent,
  RetryEvent,
  RetrySkippedEvent,
  TransitionEvent,
} from './events.ts';
export type { FallbackStep, Sourced } from './fallback.ts';
export type { AttemptFunction } from './guard.ts';
export type { Measurable, Metrics } from './metrics.ts';
export {
  ATTRIBUTES,
  CIRCUIT_STATES,
  type CircuitState,
  EVENTS,
  FIELDS,
  HEADERS,
  METRICS,
  OUTCOMES,
  type Outcome,
  REJECTION_REASONS,
  RETRY_REASONS,
  type RejectionReason,
  type RetryReason,
  SKIP_REASONS,
  type SkipReason,
  SOURCES,
  type Source,
  TRANSITIONS,
} from './names.ts';
export { networkError } from './network-error.ts';
export {
  type BackoffOptions,
  type BreakerOptions,
  type BulkheadOptions,
  DEFAULTS,
  type DependencyOptions,
  type RetryBudgetOptions,
  type RetryOptions,
  type TripOptions,
} from './options.ts';
export {
  type AttemptFacts,
  type AttemptOutcome,
  type Describe,
  describe,
  ENDINGS,
  type Ending,
  errorType,
  HUNG_SHARE,
} from './outcome.ts';
export {
  contextInScope,
  currentDeadline,
  currentScope,
  currentSignal,
  type RequestScope,
  runInScope,
} from './request-scope.ts';
export { dependency, Resilience, type ResilienceOptions, resilience } from './resilience.ts';
export {
  discourageRetry,
  isRetryDiscouraged,
  readRetryHint,
  retryHintHeaders,
} from './retry-hint.ts';
export { type Random, seededRandom } from './seeded-random.ts';
export { resendCount } from './telemetry/attempt-span.ts';
export type { Log } from './telemetry/log.ts';
export { type Timed, TimeoutQueue } from './timeout-queue.ts';

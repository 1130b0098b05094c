/**
 * Telemetry of a service: SDK start-up, and the logger and metrics of `@breakwater/telemetry` as
 * the environment asks for them.
 *
 * @module
 */
export {
  ATTRIBUTES,
  CounterFamily,
  CounterSeries,
  closeLogger,
  collectProcessMetrics,
  countWithExemplar,
  createRegistry,
  currentSpanContext,
  DURATION_BUCKETS,
  DurationFamily,
  DurationSeries,
  EXEMPLAR_INTERVAL_MS,
  type ExemplarLabels,
  errorFields,
  exceptionFields,
  exemplar,
  FIELDS,
  type Identity,
  type Labels,
  LOG_LEVELS,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  type MetricsRegistry,
  markOperational,
  observeWithExemplar,
  parseLogLevel,
  registry,
  resendCount,
  setSpanRoute,
  TelemetrySettingsError,
  toTraceparent,
  withResendCount,
} from '@breakwater/telemetry';
export { readIdentity } from './identity.ts';
export { createLogger } from './logger.ts';
export { METRICS } from './names.ts';
export { type Telemetry, telemetry } from './running.ts';
export { collectSpanMetrics } from './telemetry-metrics.ts';

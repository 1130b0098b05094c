/**
 * Telemetry of a service: SDK start-up, logger, metrics with exemplars, route names.
 *
 * @module
 */
export { EXEMPLAR_INTERVAL_MS, type ExemplarLabels, exemplar, type Labels } from './exemplar.ts';
export { type Identity, readIdentity } from './identity.ts';
export { LOG_LEVELS, type LogLevel, parseLogLevel } from './log-level.ts';
export { closeLogger, createLogger, type Logger, type LoggerOptions } from './logger.ts';
export {
  collectProcessMetrics,
  countWithExemplar,
  createRegistry,
  observeWithExemplar,
  registry,
} from './metrics.ts';
export { ATTRIBUTES, FIELDS, METRICS } from './names.ts';
export { setSpanRoute } from './route.ts';
export { type Telemetry, telemetry } from './running.ts';
export {
  CounterFamily,
  CounterSeries,
  DURATION_BUCKETS,
  DurationFamily,
  DurationSeries,
  type MetricsRegistry,
} from './series.ts';
export { TelemetrySettingsError } from './settings-reader.ts';
export { collectSpanMetrics } from './telemetry-metrics.ts';
export {
  currentSpanContext,
  resendCount,
  toTraceparent,
  withResendCount,
} from './trace-context.ts';
export { markOperational } from './untraced.ts';

/**
 * Log lines, metrics with exemplars and trace ids of a service, without an OpenTelemetry SDK.
 *
 * @module
 */
export * from './core.ts';
export { afterWriting, endTurn, isWriting } from './end-of-turn.ts';
export { errorFields, exceptionFields } from './error-fields.ts';
export { EXEMPLAR_INTERVAL_MS, type ExemplarLabels, exemplar, type Labels } from './exemplar.ts';
export { closeLogger, createLogger, type Logger, type LoggerOptions } from './logger.ts';
export {
  collectProcessMetrics,
  countWithExemplar,
  createRegistry,
  observeWithExemplar,
  registry,
} from './metrics.ts';
export { type PreparedLine, type When, writePrepared } from './prepared-line.ts';
export { saneRequestId } from './request-id.ts';
export {
  CounterFamily,
  CounterSeries,
  DURATION_BUCKETS,
  DurationFamily,
  DurationSeries,
  type MetricsRegistry,
} from './series.ts';

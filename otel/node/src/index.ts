/**
 * Telemetry of a service: SDK start-up, logger, metrics with exemplars, route names.
 *
 * @module
 */
export { type Identity, readIdentity } from './identity.ts';
export { closeLogger, createLogger, type Logger, type LoggerOptions } from './logger.ts';
export {
  collectProcessMetrics,
  countWithExemplar,
  EXEMPLAR_INTERVAL_MS,
  exemplar,
  type Labels,
  observeWithExemplar,
  registry,
} from './metrics.ts';
export { ATTRIBUTES, FIELDS, METRICS } from './names.ts';
export { setSpanRoute } from './route.ts';
export { type Telemetry, telemetry } from './running.ts';
export { collectSpanMetrics } from './telemetry-metrics.ts';
export {
  currentSpanContext,
  resendCount,
  toTraceparent,
  withResendCount,
} from './trace-context.ts';

/**
 * What of telemetry needs the OpenTelemetry API alone, without winston and prom-client: for a
 * start-up hook, which should load little before the program it starts.
 *
 * @module
 */

export { isOperational, markOperational, markTraced, onTraced } from './http-servers.ts';
export type { Identity } from './identity.ts';
export { LOG_LEVELS, type LogLevel, parseLogLevel } from './log-level.ts';
export { ATTRIBUTES, FIELDS, METRICS } from './names.ts';
export { setSpanRoute } from './route.ts';
export { TelemetrySettingsError } from './settings-error.ts';
export {
  clientLink,
  currentSpanContext,
  resendCount,
  toTraceparent,
  withClientLink,
  withResendCount,
} from './trace-context.ts';

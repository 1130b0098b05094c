/**
 * The error contract: error classes, their catalogue, and the four formats they travel in.
 *
 * @module
 */
export * from './app-error.ts';
export * from './business-errors.ts';
export { CallerDeadlineError } from './caller-deadline.ts';
export * from './client-errors.ts';
export * from './decode.ts';
export {
  DEFAULT_RETRY_AFTER_S,
  type ErrorFormat,
  type Failure,
  formats,
  negotiateFormat,
  type RenderedError,
  renderError,
} from './formats/index.ts';
export * from './kind.ts';
export { type RedactOptions, redact } from './redact.ts';
export { REDACTED, redactText } from './redact-text.ts';
export { MAX_RETRY_AFTER_S, readRetryAfter } from './retry-after.ts';
export { isSecretKey } from './secret-key.ts';
export * from './technical-errors.ts';
export { type ErrorMapping, toAppError } from './to-app-error.ts';

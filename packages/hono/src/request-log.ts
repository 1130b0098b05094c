/**
 * The one line a service writes for a request: an access line, or the error line if it failed.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import {
  errorFields,
  exceptionFields,
  FIELDS,
  type Logger,
  type PreparedLine,
  type When,
  writePrepared,
} from '@breakwater/telemetry';
import type { SpanContext } from '@opentelemetry/api';

/** Which request a line is about. */
export interface LoggedRequest {
  readonly method: string;
  readonly requestId: string;
  readonly traceId: string;
}

/** What the line of a failed request says. */
export interface RequestLogEntry extends LoggedRequest {
  /** Template, as `/items/:id`. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly error: AppError;
  /** The operation does not declare the error: its OpenAPI document is incomplete. */
  readonly undeclared?: boolean;
}

/** What the lines of all successes of one route, method and status have in common. */
export function accessLine(method: string, route: string, status: number): PreparedLine {
  const fields = {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.statusCode]: status,
  };
  return { level: 'info', message: `${method} ${route} ${status}`, fields };
}

/** Writes the line of a request that succeeded. */
export function logAccess(
  logger: Logger,
  line: PreparedLine,
  { requestId, span }: { readonly requestId: string; readonly span: SpanContext },
  durationMs: number,
  when: When,
): void {
  const more = `"${FIELDS.durationMs}":${tenths(durationMs)},"${FIELDS.requestId}":"${requestId}"`;
  writePrepared(logger, line, span, more, when);
}

/** Writes the line of a request that failed, at the level its error's kind asks for. */
export function logFailure(logger: Logger, entry: RequestLogEntry): void {
  const { method, route, status, error } = entry;
  logger.log(error.kind.logLevel, `${method} ${route} ${status} ${error.code}: ${error.message}`, {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.statusCode]: status,
    [FIELDS.durationMs]: tenths(entry.durationMs),
    [FIELDS.requestId]: entry.requestId,
    [FIELDS.traceId]: entry.traceId,
    ...errorFields(error),
    ...(entry.undeclared ? { error_undeclared: true } : {}),
  });
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/**
 * Writes the line of a response whose body failed after its head was sent. The request has its
 * line already, so that this one is about what came after, and carries no error code.
 */
export function logBroken(
  logger: Logger,
  request: LoggedRequest,
  route: string,
  error: AppError,
): void {
  logger.error(`${request.method} ${route}: the response was broken off`, {
    ...aboutFields(request, route),
    ...exceptionFields(error),
  });
}

/** Writes that a handler failed when its request had been cut, and has its line, already. */
export function logLate(
  logger: Logger,
  request: LoggedRequest,
  route: string,
  error: AppError,
): void {
  logger.warn(`${request.method} ${route}: the handler failed after its deadline`, {
    ...aboutFields(request, route),
    ...exceptionFields(error),
  });
}

/** What tells which request a line is about that is not its own. */
function aboutFields({ method, requestId, traceId }: LoggedRequest, route: string) {
  return {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.requestId]: requestId,
    [FIELDS.traceId]: traceId,
  };
}

/**
 * The one line a service writes for a request: an access line, or the error line if it failed.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import {
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

/** Longest stack that is logged, in characters: Loki refuses metadata beyond 64 KB a line. */
const MAX_STACK = 8_000;
const MAX_CAUSES = 8;

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
  const { method } = request;
  logger.error(`${method} ${route}: the response was broken off`, {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.requestId]: request.requestId,
    [FIELDS.traceId]: request.traceId,
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
  const { method } = request;
  logger.warn(`${method} ${route}: the handler failed after its deadline`, {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.requestId]: request.requestId,
    [FIELDS.traceId]: request.traceId,
    ...exceptionFields(error),
  });
}

/** {@link errorFields} for what no response tells of: one error code in the log is one response. */
export function exceptionFields(error: AppError): Record<string, unknown> {
  const { [FIELDS.errorCode]: _, ...fields } = errorFields(error);
  return fields;
}

/** The fields that describe an error: code, type, context, causes, and a stack for technical ones. */
export function errorFields(error: AppError): Record<string, unknown> {
  const causes = causeChain(error);
  const root = causes.at(-1) ?? error;
  return {
    [FIELDS.errorCode]: error.code,
    [FIELDS.errorType]: error.kind.type,
    [FIELDS.exceptionType]: error.name,
    [FIELDS.exceptionMessage]: error.message,
    context: error.context,
    ...(Object.keys(error.internal).length > 0 ? { internal: error.internal } : {}),
    ...(causes.length > 0 ? { causes: causes.map(describe) } : {}),
    ...(wantsStack(error, root) ? { [FIELDS.exceptionStack]: stackOf(root) } : {}),
  };
}

/**
 * A stack is for a bug, and for what a library threw. Where the root is an error of the contract it
 * was decided (an open circuit, a timeout) or read from a peer's answer: its stack says nothing.
 */
function wantsStack(error: AppError, root: unknown): boolean {
  if (error.kind.type !== 'technical') return false;
  return error.status === 500 || !(root instanceof AppError);
}

function causeChain(error: Error): unknown[] {
  const causes: unknown[] = [];
  let cause: unknown = error.cause;
  while (cause !== undefined && causes.length < MAX_CAUSES && !causes.includes(cause)) {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

/** One cause, as the log tells it. */
interface LoggedCause {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  /** What an AggregateError is made of. */
  readonly errors?: readonly LoggedCause[];
}

function describe(cause: unknown): LoggedCause {
  if (!(cause instanceof Error)) return { type: typeof cause, message: safeText(cause) };
  const code = (cause as { code?: unknown }).code;
  return {
    type: cause.name,
    message: cause.message,
    ...(code === undefined ? {} : { code }),
    ...(cause instanceof AggregateError ? { errors: cause.errors.slice(0, 8).map(describe) } : {}),
  };
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : safeText(error);
  return stack.slice(0, MAX_STACK);
}

function safeText(value: unknown): string {
  try {
    return String(value).slice(0, MAX_STACK);
  } catch {
    return typeof value;
  }
}

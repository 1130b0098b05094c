/**
 * The one line a service writes for a request: an access line, or the error line if it failed.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import { FIELDS, type Logger } from '@breakwater/otel';

/** What the line says. */
export interface RequestLogEntry {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestId: string;
  readonly traceId: string;
  readonly error?: AppError | undefined;
}

/** Longest stack that is logged, in characters: Loki refuses metadata beyond 64 KB a line. */
const MAX_STACK = 8_000;
const MAX_CAUSES = 8;

/** Writes the line of a request, at the level its error's kind asks for. */
export function logRequest(logger: Logger, entry: RequestLogEntry): void {
  const { method, route, status, error } = entry;
  const fields = {
    [FIELDS.method]: method,
    [FIELDS.route]: route,
    [FIELDS.statusCode]: status,
    [FIELDS.durationMs]: Math.round(entry.durationMs * 10) / 10,
    [FIELDS.requestId]: entry.requestId,
    [FIELDS.traceId]: entry.traceId,
  };
  if (!error) {
    logger.info(`${method} ${route} ${status}`, fields);
    return;
  }
  logger.log(error.kind.logLevel, `${method} ${route} ${status} ${error.code}: ${error.message}`, {
    ...fields,
    ...errorFields(error),
  });
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
    ...(wantsStack(error) ? { [FIELDS.exceptionStack]: stackOf(root) } : {}),
  };
}

/** A rejection (open circuit, full bulkhead) was decided by us: its stack would say nothing. */
function wantsStack(error: AppError): boolean {
  return error.kind.type === 'technical' && error.internal.delivery !== 'not_sent';
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

function describe(cause: unknown): { type: string; message: string; code?: unknown } {
  if (!(cause instanceof Error)) return { type: typeof cause, message: safeText(cause) };
  const code = (cause as { code?: unknown }).code;
  return { type: cause.name, message: cause.message, ...(code === undefined ? {} : { code }) };
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

/**
 * How a log line describes an error.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import { FIELDS } from './names.ts';

/** Longest stack that is logged, in characters: Loki refuses metadata beyond 64 KB a line. */
const MAX_STACK = 8_000;
const MAX_CAUSES = 8;

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

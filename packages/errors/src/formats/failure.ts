/**
 * What a renderer is given: the error, and the request it ended.
 *
 * @module
 */
import type { AppError } from '../app-error.ts';
import type { FormatName } from '../kind.ts';

/** One failed response, before it has a format. */
export interface Failure {
  readonly error: AppError;
  /** 32 lower-case hex digits (W3C Trace Context). */
  readonly traceId: string;
  readonly requestId: string;
  readonly serviceName: string;
  /** Path of the request, without its query. */
  readonly path: string;
}

/** One wire format: how a failure is written, and how its body is read back. */
export interface ErrorFormat {
  readonly name: FormatName;
  readonly mediaType: string;
  /** The body, as a JSON value. */
  render(failure: Failure, status: number, context: unknown): Record<string, unknown>;
  /** What a body in this format says; undefined when the body is not in this format. */
  read(body: Readonly<Record<string, unknown>>, status: number): ErrorFields | undefined;
}

/** The fields of an error that a format carries; absent where the format has no place for them. */
export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly traceId?: string | undefined;
  readonly serviceName?: string | undefined;
}

/** `value` if it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `value` if it is a JSON object, else an empty one. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

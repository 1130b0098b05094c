/**
 * Turns whatever a handler threw into an answer of the contract.
 *
 * @module
 */
import {
  type AppError,
  DeadlineExceededError,
  type ErrorKind,
  type FormatName,
  InternalError,
  MethodNotAllowedError,
  negotiateFormat,
  RequestCancelledError,
  RequestTimeoutError,
  RouteNotFoundError,
  renderError,
} from '@breakwater/errors';
import { retryHintHeaders } from '@breakwater/resilience';
import type { Context, ErrorHandler, Hono, MiddlewareHandler, NotFoundHandler } from 'hono';
import { CallerDeadlineError } from './caller-deadline.ts';
import { isHandled, methodsAt } from './matched-route.ts';
import type { ServiceEnv } from './request-context.ts';

/** A class that stands for bugs: it is given what was thrown, and says nothing about it. */
export interface InternalErrorClass {
  readonly kind: ErrorKind;
  new (cause: unknown): AppError;
}

/** What the handler needs to know of its service. */
export interface ErrorHandlerOptions {
  readonly serviceName: string;
  readonly format: FormatName;
  readonly internalError: InternalErrorClass;
  /** Reads whatever was thrown. */
  readonly toAppError: (thrown: unknown) => AppError;
}

/** Codes of errors that reading the request of a client that went away ends with. */
const ENDED_BY_CLIENT = new Set(['ECONNRESET', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Hono's `onError`: every thrown value becomes exactly one error response. */
export function errorHandler(options: ErrorHandlerOptions): ErrorHandler<ServiceEnv> {
  const { internalError: Internal } = options;
  const respond = (thrown: unknown, c: Context<ServiceEnv>): Response => {
    try {
      const error = errorFor(c, thrown, options.toAppError(thrown));
      return answer(c, error instanceof InternalError ? new Internal(error.cause) : error, options);
    } catch (broken) {
      // Rendering failed, for example on a context that JSON cannot hold: the client still gets
      // its contract answer, and the log both errors.
      return answer(c, new Internal(new AggregateError([thrown, broken])), options);
    }
  };
  return (thrown, c) => {
    const bounds = c.get('bounds');
    if (!bounds?.interruption) return respond(thrown, c);
    // The request was cut: it has one response, and what its handler throws after that is late.
    if (bounds.isDue(thrown)) bounds.respond(respond(thrown, c));
    else bounds.failedLate(thrown);
    return c.res;
  };
}

/**
 * Gives Hono an Error whatever was thrown: it hands nothing else to `onError`, and a request that
 * ended in a thrown string would have no answer of the contract.
 */
export function throwErrors(): MiddlewareHandler {
  return async (_, next) => {
    try {
      await next();
    } catch (thrown) {
      throw thrown instanceof Error ? thrown : new InternalError(thrown);
    }
  };
}

/**
 * The error to answer with. Time that the caller did not give is the caller's doing; a client that
 * went away ends everything below with errors of its own.
 */
function errorFor(c: Context<ServiceEnv>, thrown: unknown, error: AppError): AppError {
  if (error instanceof DeadlineExceededError && c.get('boundByCaller')) {
    return new CallerDeadlineError(error);
  }
  const cancelled = c.get('bounds')?.clientGone ?? c.req.raw.signal?.aborted === true;
  if (!cancelled || error.status < 500 || isBug(error)) return error;
  return new RequestCancelledError('The client closed the connection.', { cause: thrown });
}

/** A bug stays one when nobody waits for the answer any more; a broken read does not become one. */
export function isBug(error: AppError): boolean {
  const { cause } = error;
  if (!(error instanceof InternalError) || !(cause instanceof Error)) return false;
  return cause.name !== 'AbortError' && !ENDED_BY_CLIENT.has(String(Reflect.get(cause, 'code')));
}

function answer(
  c: Context<ServiceEnv>,
  error: AppError,
  { serviceName, format }: Pick<ErrorHandlerOptions, 'serviceName' | 'format'>,
): Response {
  const rendered = renderError(negotiateFormat(c.req.header('accept'), format), {
    error,
    traceId: c.var.traceId,
    requestId: c.var.requestId,
    serviceName,
    path: c.req.path,
  });
  c.set('failure', error);
  const headers = new Headers(rendered.headers);
  for (const [name, value] of Object.entries(retryHintHeaders(error))) headers.set(name, value);
  if (error instanceof MethodNotAllowedError) {
    headers.set('allow', String(error.internal.allow ?? ''));
  }
  // The rest of a request that came too slowly is not waited for (RFC 9110, section 15.5.9).
  if (error instanceof RequestTimeoutError) headers.set('connection', 'close');
  return new Response(rendered.body, { status: rendered.status, headers });
}

/** Hono's `notFound`: 405 with `Allow` where another method has the path, else 404. */
export function notFoundHandler(app: Hono<ServiceEnv>): NotFoundHandler<ServiceEnv> {
  return (c) => {
    // A handler may ask for this response itself: then the path has its operation.
    const handled = isHandled(c);
    c.set('unmatched', !handled);
    const allow = handled ? [] : methodsAt(app, c.req.path);
    if (allow.length === 0) throw new RouteNotFoundError('No operation has this path.');
    throw new MethodNotAllowedError(`${c.req.method} is not supported here.`, {
      context: { allow },
      internal: { allow: allow.join(', ') },
    });
  };
}

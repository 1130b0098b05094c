/**
 * Turns whatever a handler threw into an answer of the contract.
 *
 * @module
 */
import {
  type AppError,
  CallerDeadlineError,
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
import type { Context, ErrorHandler, Hono, NotFoundHandler } from 'hono';
import { isHandled, methodsAt } from './matched-route.ts';
import { beginRecord, recordOf } from './request-record.ts';

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

/**
 * Hono's `onError`: every thrown value becomes exactly one error response.
 *
 * @param own an error handler of the app's own, which responds in place of the contract; the error
 *   is noted all the same, so that its line, its count and its span are there
 */
export function errorHandler(
  options: ErrorHandlerOptions,
  own: () => ErrorHandler | undefined = () => undefined,
): ErrorHandler {
  const { internalError: Internal } = options;
  const respond = (thrown: unknown, c: Context): Response => {
    try {
      return render(c, note(c, thrown, options), options);
    } catch (broken) {
      // Rendering failed, for example on a context that JSON cannot hold: the client still gets
      // a response of the contract, and the log both errors.
      const error = new Internal(new AggregateError([thrown, broken]));
      beginRecord(c).failure = error;
      return render(c, error, options);
    }
  };
  const respondByApp = async (thrown: Error, c: Context, app: ErrorHandler): Promise<Response> => {
    try {
      note(c, thrown, options);
      return await app(thrown, c);
    } catch (broken) {
      return respond(broken === thrown ? thrown : new AggregateError([thrown, broken]), c);
    }
  };
  return (thrown, c) => {
    const app = own();
    const bounds = recordOf(c)?.bounds;
    if (!bounds?.interruption) return app ? respondByApp(thrown, c, app) : respond(thrown, c);
    // The request was cut: it has one response, and what its handler throws after that is late.
    if (bounds.isDue(thrown)) bounds.respond(respond(thrown, c));
    else bounds.failedLate(thrown);
    return c.res;
  };
}

/** Notes the error of a request on its record. @returns it */
function note(
  c: Context,
  thrown: unknown,
  { toAppError, internalError: Internal }: ErrorHandlerOptions,
): AppError {
  const error = errorFor(c, thrown, toAppError(thrown));
  const noted = error instanceof InternalError ? new Internal(error.cause) : error;
  beginRecord(c).failure = noted;
  return noted;
}

/**
 * Runs the steps of a request, and responds by `onError` to what they throw. Hono does so for what
 * a handler throws, but hands nothing but an Error to it: a thrown string would have no response.
 */
export async function respondToErrors(
  c: Context,
  run: () => Promise<unknown>,
  onError: ErrorHandler,
): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new InternalError(thrown);
    c.error = error;
    c.res = await onError(error, c);
  }
}

/**
 * The error to answer with. Time that the caller did not give is the caller's doing; a client that
 * went away ends everything below with errors of its own.
 */
function errorFor(c: Context, thrown: unknown, error: AppError): AppError {
  if (error instanceof DeadlineExceededError && recordOf(c)?.boundByCaller) {
    return new CallerDeadlineError(error);
  }
  const cancelled = recordOf(c)?.bounds?.clientGone ?? c.req.raw.signal?.aborted === true;
  if (!cancelled || error.status < 500 || isBug(error)) return error;
  return new RequestCancelledError('The client closed the connection.', { cause: thrown });
}

/** A bug stays one when nobody waits for the answer any more; a broken read does not become one. */
export function isBug(error: AppError): boolean {
  const { cause } = error;
  if (!(error instanceof InternalError) || !(cause instanceof Error)) return false;
  return cause.name !== 'AbortError' && !ENDED_BY_CLIENT.has(String(Reflect.get(cause, 'code')));
}

function render(
  c: Context,
  error: AppError,
  { serviceName, format }: Pick<ErrorHandlerOptions, 'serviceName' | 'format'>,
): Response {
  const { traceId, requestId } = beginRecord(c);
  const rendered = renderError(negotiateFormat(c.req.header('accept'), format), {
    error,
    traceId,
    requestId,
    serviceName,
    path: c.req.path,
  });
  const headers = new Headers(rendered.headers);
  for (const [name, value] of Object.entries(retryHintHeaders(error))) headers.set(name, value);
  if (error instanceof MethodNotAllowedError) {
    headers.set('allow', String(error.internal.allow ?? ''));
  }
  // The rest of a request that came too slowly is not waited for (RFC 9110, section 15.5.9).
  if (error instanceof RequestTimeoutError) headers.set('connection', 'close');
  return new Response(rendered.body, { status: rendered.status, headers });
}

/**
 * Hono's `notFound`: 405 with `Allow` where another method has the path, else 404.
 *
 * @param own a handler of the app's own, which responds in its place
 */
export function notFoundHandler(
  app: Hono,
  own: () => NotFoundHandler | undefined = () => undefined,
): NotFoundHandler {
  return (c) => {
    // A handler may ask for this response itself: then the path has its operation.
    const handled = isHandled(c);
    beginRecord(c).unmatched = !handled;
    const respond = own();
    if (respond) return respond(c);
    const allow = handled ? [] : methodsAt(app, c.req.path);
    if (allow.length === 0) throw new RouteNotFoundError('No operation has this path.');
    throw new MethodNotAllowedError(`${c.req.method} is not supported here.`, {
      context: { allow },
      internal: { allow: allow.join(', ') },
    });
  };
}

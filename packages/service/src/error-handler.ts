/**
 * Turns whatever a handler threw into an answer of the contract.
 *
 * @module
 */
import {
  AppError,
  type FormatName,
  InternalError,
  MethodNotAllowedError,
  negotiateFormat,
  RequestCancelledError,
  RouteNotFoundError,
  renderError,
  toAppError,
} from '@breakwater/errors';
import type { Context, ErrorHandler, Hono, NotFoundHandler } from 'hono';
import type { ServiceEnv } from './request-context.ts';

/** What the handler needs to know of its service. */
export interface ErrorHandlerOptions {
  readonly serviceName: string;
  readonly format: FormatName;
}

/** Hono's `onError`: every thrown value becomes exactly one error response. */
export function errorHandler(options: ErrorHandlerOptions): ErrorHandler<ServiceEnv> {
  return (thrown, c) => {
    try {
      return answer(c, errorFor(c, thrown), options);
    } catch (broken) {
      // Rendering failed, for example on a context that JSON cannot hold: the client still gets
      // its contract answer, and the log both errors.
      return answer(c, new InternalError(new AggregateError([thrown, broken])), options);
    }
  };
}

/** The error to answer with: a client that went away ends everything below with errors of its own. */
function errorFor(c: Context, thrown: unknown): AppError {
  const cancelled = c.req.raw.signal?.aborted === true;
  if (cancelled && !(thrown instanceof AppError && thrown.status < 500)) {
    return new RequestCancelledError('The client closed the connection.', { cause: thrown });
  }
  return toAppError(thrown);
}

function answer(
  c: Context<ServiceEnv>,
  error: AppError,
  { serviceName, format }: ErrorHandlerOptions,
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
  if (error instanceof MethodNotAllowedError) {
    headers.set('allow', String(error.internal.allow ?? ''));
  }
  return new Response(rendered.body, { status: rendered.status, headers });
}

/** Hono's `notFound`: 405 with `Allow` where another method has the path, else 404. */
export function notFoundHandler(app: Hono<ServiceEnv>): NotFoundHandler<ServiceEnv> {
  return (c) => {
    const allow = methodsAt(app, c.req.path);
    if (allow.length === 0) throw new RouteNotFoundError('No operation has this path.');
    throw new MethodNotAllowedError(`${c.req.method} is not supported here.`, {
      context: { allow },
      internal: { allow: allow.join(', ') },
    });
  };
}

function methodsAt(app: Hono<ServiceEnv>, path: string): string[] {
  const methods = app.routes
    .filter(({ method, path: template }) => method !== 'ALL' && matches(template, path))
    .map(({ method }) => method);
  return [...new Set(methods)].sort();
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((segment, i) => (segment.startsWith(':') ? given[i] !== '' : segment === given[i]))
  );
}

/**
 * Declares an operation: its schema, and the errors it can answer.
 *
 * @module
 */
import type { ErrorKind } from '@breakwater/errors';
import { createRoute, type RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { jsonBody } from './json-body.ts';

/** A class of error, or the catalogue entry itself where the code depends on a noun. */
export type DeclaredError = ErrorKind | { readonly kind: ErrorKind };

/** The catalogue entry of a declared error. */
export function kindOf(declared: DeclaredError): ErrorKind {
  return 'kind' in declared ? declared.kind : declared;
}

/** The OpenAPI extension that carries the codes an operation can answer. */
export const ERROR_CODES = 'x-error-codes';

/**
 * A route of @hono/zod-openapi plus the errors of its own; those every operation has are added. Its
 * middleware decides who may before anything of the body is read; one that needs the body comes
 * after {@link jsonBody} in the list.
 */
export type RouteOptions<P extends string> = RouteConfig & {
  path: P;
  errors?: readonly DeclaredError[];
  middleware?: MiddlewareHandler | MiddlewareHandler[];
};

/**
 * @example
 * const getItem = route({
 *   method: 'get',
 *   path: '/items/{id}',
 *   request: { params: z.object({ id: itemId }) },
 *   responses: { 200: json(item, 'The item.') },
 *   errors: [NotFoundError.of('item')],
 * });
 */
export function route<P extends string, R extends Omit<RouteOptions<P>, 'path'> & { path: P }>(
  options: R,
): Omit<R, 'errors'> & { getRoutingPath(): string } {
  const { errors = [], middleware = [], ...config } = options;
  const own = Array.isArray(middleware) ? middleware : [middleware];
  return createRoute({
    ...config,
    middleware: config.request?.body && !own.includes(jsonBody) ? [...own, jsonBody] : own,
    [ERROR_CODES]: errors.map((declared) => kindOf(declared).code),
  } as never) as never;
}

/** A JSON response, for `responses`. */
export function json<S>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON request body, for `request.body`. */
export function body<S>(schema: S, description?: string) {
  return {
    required: true,
    ...(description === undefined ? {} : { description }),
    content: { 'application/json': { schema } },
  };
}

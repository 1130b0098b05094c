/**
 * The OpenAPI document of an app, made once.
 *
 * @module
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type OpenApiDocument, type ServiceErrors, withErrors } from './openapi.ts';
import type { ServiceEnv } from './request-record.ts';

/** Makes a value when it is first wanted, and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * The document, as an object and as text. It is made when somebody first asks, which is after the
 * last route: a router whose first request has come takes no more of them.
 */
export function documentOf(
  app: OpenAPIHono<ServiceEnv>,
  info: OpenApiDocument['info'],
  errors: ServiceErrors,
): { readonly document: () => OpenApiDocument; readonly text: () => string } {
  const document = once(() =>
    withErrors(
      app.getOpenAPI31Document({ openapi: '3.1.0', info }) as unknown as OpenApiDocument,
      errors,
    ),
  );
  return { document, text: once(() => JSON.stringify(document())) };
}

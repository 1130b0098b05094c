/**
 * Ends a request without an answer.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import { noteFailure, type ServiceEnv } from '@breakwater/hono';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

/**
 * Destroys the socket of a request, so that the client gets no answer. The log, the metrics and the
 * span tell of `error`; return the result from the handler.
 */
export function breakConnection(c: Context<ServiceEnv>, error: AppError): Response {
  // Bindings are missing where no server is behind the app, as with `app.request()`.
  const bindings = c.env as unknown as Partial<HttpBindings> | undefined;
  bindings?.outgoing?.destroy();
  noteFailure(c, error);
  return new Response(null, { status: error.status, headers: RESPONSE_ALREADY_SENT.headers });
}

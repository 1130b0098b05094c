/**
 * Bounds what a client can make the service read.
 *
 * @module
 */
import { PayloadTooLargeError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/**
 * Refuses a body larger than `maxSize` bytes with 413: by its `Content-Length`, to which the HTTP
 * parser holds the client, or else while it is read.
 *
 * @param at other sizes for single paths
 */
export function limitBody(
  maxSize: number,
  at: Readonly<Record<string, number>> = {},
): MiddlewareHandler {
  const limit = limitTo(maxSize);
  const limits = new Map(Object.entries(at).map(([path, size]) => [path, limitTo(size)]));
  if (limits.size === 0) return limit;
  return (c, next) => (limits.get(c.req.path) ?? limit)(c, next);
}

function limitTo(maxSize: number): MiddlewareHandler {
  const onError = () => {
    throw new PayloadTooLargeError(`The body is larger than ${maxSize} bytes.`, {
      context: { limit_bytes: maxSize },
    });
  };
  const readWithLimit = bodyLimit({ maxSize, onError });
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const length = c.req.header('content-length');
    // Hono's middleware makes a whole Request of the platform to look for a body: only where the
    // headers do not tell.
    if (length === undefined || c.req.header('transfer-encoding')) return readWithLimit(c, next);
    return Number(length) > maxSize ? onError() : next();
  };
}

/**
 * Bounds what a client can make the service read, and whose time it is while it is read.
 *
 * @module
 */
import { PayloadTooLargeError, ValidationError } from '@breakwater/errors';
import type { Context, MiddlewareHandler } from 'hono';
import type { RequestBounds } from './request-bounds.ts';
import { recordOf } from './request-record.ts';

/** Every way to read a body whole, as the Fetch standard names them. */
const WAYS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const;
type Way = (typeof WAYS)[number];

/**
 * Lets no more than `maxSize` bytes of a body be read, 413 otherwise: by its `Content-Length`, to
 * which the HTTP parser holds the client, or else while it is read. Nothing is read, and nothing
 * refused, before somebody asks for the body: who may send it is decided first.
 *
 * @param at other sizes for single paths
 */
export function limitBody(
  maxSize: number,
  at: Readonly<Record<string, number>> = {},
): MiddlewareHandler {
  const guard = bodyGuard(maxSize, at);
  return (c, next) => {
    guard(c);
    return next();
  };
}

/** {@link limitBody} for one request. */
export function bodyGuard(
  maxSize: number,
  at: Readonly<Record<string, number>> = {},
): (c: Context) => void {
  const sizes = new Map(Object.entries(at));
  return (c) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      guardBody(c, sizes.get(c.req.path) ?? maxSize);
    }
  };
}

/** Puts the guarded ways to the body over those of the request. */
function guardBody(c: Context, maxSize: number): void {
  const { raw } = c.req;
  const bounds = recordOf(c)?.bounds;
  const length = raw.headers.get('content-length');
  const isCounted = length === null || raw.headers.has('transfer-encoding');
  const tooLarge = !isCounted && Number(length) > maxSize;
  const prototype = Object.getPrototypeOf(raw);
  let guarded: ReadableStream<Uint8Array> | null | undefined;
  const stream = () => {
    if (tooLarge) throw payloadTooLarge(maxSize);
    if (guarded !== undefined) return guarded;
    const source: ReadableStream<Uint8Array> | null = Reflect.get(prototype, 'body', raw);
    guarded = source && readWithin(source, maxSize, bounds);
    return guarded;
  };
  const whole = async (way: Way) => {
    if (tooLarge) throw payloadTooLarge(maxSize);
    if (!isCounted) {
      const read = () => Reflect.get(prototype, way).call(raw);
      return bounds ? bounds.readBody(read) : read();
    }
    const headers = { 'content-type': raw.headers.get('content-type') ?? '' };
    return Reflect.get(Response.prototype, way).call(new Response(stream(), { headers }));
  };
  Object.defineProperty(raw, 'body', { configurable: true, get: stream });
  for (const way of WAYS) {
    Object.defineProperty(raw, way, { configurable: true, value: () => whole(way) });
  }
  const { json } = c.req;
  Object.defineProperty(c.req, 'json', {
    configurable: true,
    value: () => json.call(c.req).catch(refuseMalformed),
  });
}

/** A body that is no JSON is the client's mistake; a SyntaxError of the app's own is not. */
function refuseMalformed(cause: unknown): never {
  if (!(cause instanceof SyntaxError)) throw cause;
  const message = 'The body is not valid JSON.';
  throw new ValidationError(message, [{ path: 'body', rule: 'malformed_json', message }], {
    cause,
  });
}

/** The same bytes, each awaited within the bounds of the request, until there are too many. */
function readWithin(
  source: ReadableStream<Uint8Array>,
  maxSize: number,
  bounds: RequestBounds | undefined,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const read = () => reader.read();
  let size = 0;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await (bounds ? bounds.readBody(read) : read());
      if (done) return controller.close();
      size += value.byteLength;
      if (size > maxSize) throw payloadTooLarge(maxSize);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function payloadTooLarge(maxSize: number): PayloadTooLargeError {
  return new PayloadTooLargeError(`The body is larger than ${maxSize} bytes.`, {
    context: { limit_bytes: maxSize },
  });
}

/**
 * Ends a response whose body fails after its head was sent.
 *
 * @module
 */
import type { Context } from 'hono';

/**
 * Watches the body of `c.res` when it is a stream. When its source fails, `onError` is told and the
 * connection is broken, which is the only way left to tell the client; nothing of the error is
 * sent. A body that is ready as a whole is left alone.
 *
 * The source is read when somebody reads the response, never ahead. A response to HEAD has no
 * content (RFC 9110, section 9.3.2), so that nobody ever will: its source is cancelled at once.
 */
export function guardStream(c: Context, onError: (error: unknown) => void): void {
  const body = streamOf(c.res);
  if (!body) return;
  if (c.req.method === 'HEAD') {
    // One that has failed already cannot be cancelled, and breaks nothing off.
    body.cancel().catch(() => undefined);
    c.res = new Response(null, c.res);
    return;
  }
  const reader = body.getReader();
  const guarded = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          onError(error);
          breakOff(c, controller);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  c.res = new Response(guarded, c.res);
}

/** Whether the body of a response is, or may be, a stream. */
export function isStream(response: Response): boolean {
  return streamOf(response) !== null;
}

/**
 * The body if it is, or may be, a stream. The node server keeps what a light response was made of
 * under a symbol of its own; asking for `body` there would build the platform's whole Response for
 * every text. Without that symbol the body itself is asked for, which is slower and always right.
 */
function streamOf(response: Response): ReadableStream<Uint8Array> | null {
  const light = Object.getOwnPropertySymbols(response).find(
    ({ description }) => description === 'cache',
  );
  if (light) {
    const [, body] = (response as unknown as Record<symbol, unknown[]>)[light] ?? [];
    return body instanceof ReadableStream ? body : null;
  }
  return response.body;
}

/** With a socket behind the request it is destroyed; without one the reader is told. */
function breakOff(c: Context, controller: ReadableStreamDefaultController): void {
  const { outgoing } = (c.env ?? {}) as { outgoing?: { destroy(): void } };
  if (outgoing) {
    outgoing.destroy();
    controller.close();
  } else {
    controller.error(new Error('the response was broken off'));
  }
}

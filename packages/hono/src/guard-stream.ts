/**
 * Ends a response whose body fails after its head was sent.
 *
 * @module
 */
import type { Received } from './received.ts';
import type { RequestRecord } from './request-record.ts';

/** Told how a body that is a stream comes to its end. */
export interface StreamWatcher {
  /** It failed. */
  onError(error: unknown): void;
  /** It is over, for whatever reason; once. */
  onEnd(): void;
}

/**
 * Watches the body of a response when it is a stream. When its source fails, `onError` is told and
 * the connection is broken, which is the only way left to tell the client; nothing of the error is
 * sent. A body that is ready as a whole is left alone, and nobody is told of it.
 *
 * The source is read when somebody reads the response, never ahead.
 *
 * @returns what to send in its place; the same response where it is no stream
 */
export function guardStream(
  { received }: RequestRecord,
  response: Response,
  watcher: StreamWatcher,
): Response {
  const body = streamOf(response);
  if (!body) return response;
  const reader = body.getReader();
  const guarded = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          watcher.onError(error);
          breakOff(received, controller);
        }
        watcher.onEnd();
      },
      cancel(reason) {
        watcher.onEnd();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(guarded, response);
}

/**
 * Ends the source of a body that nobody will read: a response to HEAD has no content (RFC 9110,
 * section 9.3.2).
 */
export function cancelStream(response: Response): void {
  // One that has failed already cannot be cancelled, and breaks nothing off.
  streamOf(response)
    ?.cancel()
    .catch(() => undefined);
}

/** Whether the body of a response is, or may be, a stream. */
export function isStream(response: Response): boolean {
  return streamOf(response) !== null;
}

/** Found with the first light response. */
let lightKey: symbol | undefined;

/**
 * The body if it is, or may be, a stream. The node server keeps what a light response was made of
 * under a symbol of its own; asking for `body` there would build the platform's whole Response for
 * every text. Without that symbol the body itself is asked for, which is slower and always right.
 */
function streamOf(response: Response): ReadableStream<Uint8Array> | null {
  lightKey ??= Object.getOwnPropertySymbols(response).find(
    ({ description }) => description === 'cache',
  );
  const light = lightKey && (response as unknown as Record<symbol, unknown[]>)[lightKey];
  if (!light) return response.body;
  return light[1] instanceof ReadableStream ? light[1] : null;
}

/** With a socket behind the request it is destroyed; without one the reader is told. */
function breakOff({ outgoing }: Received, controller: ReadableStreamDefaultController): void {
  if (outgoing) {
    outgoing.destroy();
    controller.close();
  } else {
    controller.error(new Error('the response was broken off'));
  }
}

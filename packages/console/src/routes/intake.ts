/**
 * `POST /v1/traces`: where services send their spans when the console keeps them.
 *
 * @module
 */
import {
  MalformedRequestError,
  OverloadedError,
  PayloadTooLargeError,
  RequestTimeoutError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
} from '@breakwater/errors';
import type { Service } from '@breakwater/service';
import { OtlpBodyError, readOtlpBody } from '@breakwater/timeline';
import type { Context } from '../app.ts';

/** Bodies that are read at once: each may take some 8 MiB. */
const MAX_READING = 2;
/** Exports that wait for their turn, unread and so for no memory. One more is refused: its exporter tries again. */
const MAX_WAITING = 64;

/** Longest reading of one body, in milliseconds: two clients that trickle must not stop all others. */
const READING_MS = 3_000;

const NOTHING = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });

/** Adds the intake. Exporters have no token; they send no Origin either. */
export function mountIntake(app: Service['app'], { telemetry }: Context): void {
  let reading = 0;
  const waiting: (() => void)[] = [];
  const turn = async () => {
    if (reading < MAX_READING) {
      reading++;
      return;
    }
    if (waiting.length >= MAX_WAITING) {
      throw new OverloadedError('As many exports wait as services there can be.', {
        retryAfterS: 1,
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const done = () => {
    const next = waiting.shift();
    if (next) next();
    else reading--;
  };
  app.post('/v1/traces', async (c) => {
    const { traces } = telemetry;
    if (!traces) throw new RouteNotFoundError('Spans go to the collector.');
    await turn();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), READING_MS);
    try {
      const stream = (c.req.raw.body ?? NOTHING) as ReadableStream<Uint8Array>;
      const body = await readOtlpBody({
        contentType: c.req.header('content-type'),
        contentEncoding: c.req.header('content-encoding'),
        stream: stream.pipeThrough(new TransformStream(), { signal: patience.signal }),
      });
      traces.add(body);
      return c.json({});
    } catch (error) {
      if (patience.signal.aborted) {
        throw new RequestTimeoutError('The body did not arrive in time.', { cause: error });
      }
      throw error instanceof OtlpBodyError ? refusal(error) : error;
    } finally {
      clearTimeout(timer);
      done();
    }
  });
}

function refusal(cause: OtlpBodyError): Error {
  switch (cause.status) {
    case 413:
      return new PayloadTooLargeError(cause.message, { cause });
    case 415:
      return new UnsupportedMediaTypeError(cause.message, { cause });
    default:
      return new MalformedRequestError(cause.message, { cause });
  }
}

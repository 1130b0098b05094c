/**
 * `POST /v1/traces` and `POST /v1/logs`: OTLP/HTTP, where services send their spans and lines when
 * the console keeps them. In JSON or protocol buffers, packed with gzip or not.
 *
 * @module
 */
import {
  AppError,
  MalformedRequestError,
  PayloadTooLargeError,
  RequestTimeoutError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
} from '@breakwater/errors';
import type { Service } from '@breakwater/hono';
import {
  mediaType,
  OTLP_TYPES,
  OtlpBodyError,
  type OtlpSignals,
  readOtlpBody,
} from '@breakwater/timeline';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../app.ts';
import { errorStatus, partialSuccess } from './otlp-response.ts';
import { Turns } from './turns.ts';

/** Where each signal is sent, as OTLP/HTTP has it. */
export const INTAKE_PATHS = ['/v1/traces', '/v1/logs'] as const;

/** Longest reading of one body, in milliseconds: two clients that trickle must not stop all others. */
const READING_MS = 3_000;

const NOTHING = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });

/** Adds the intake. Exporters have no token; they send no Origin either. */
export function mountIntake(app: Service['app'], { telemetry }: Context): void {
  const turns = new Turns();
  const { traces, lines } = telemetry;

  app.use('/v1/*', async (c, next) => {
    await next();
    // A failure is told in the format in which the request came (OTLP 1.9, "Failures").
    if (!isProtobuf(c) || c.res.ok) return;
    const said = c.error instanceof AppError ? c.error.message : 'The export failed.';
    const headers = new Headers(c.res.headers);
    headers.set('content-type', OTLP_TYPES.protobuf);
    headers.delete('content-length');
    c.res = new Response(errorStatus(said), { status: c.res.status, headers });
  });

  const take = async <S extends keyof OtlpSignals>(
    c: HonoContext,
    signal: S,
    keep: (payload: OtlpSignals[S]) => number,
  ) => {
    await turns.wait();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), READING_MS);
    try {
      const stream = (c.req.raw.body ?? NOTHING) as ReadableStream<Uint8Array>;
      const body = await readOtlpBody(signal, {
        contentType: c.req.header('content-type'),
        contentEncoding: c.req.header('content-encoding'),
        stream: stream.pipeThrough(new TransformStream(), { signal: patience.signal }),
      });
      const { json, protobuf } = partialSuccess(signal, keep(body));
      if (!isProtobuf(c)) return c.json(json);
      return c.body(protobuf, 200, { 'content-type': OTLP_TYPES.protobuf });
    } catch (error) {
      if (patience.signal.aborted) {
        throw new RequestTimeoutError('The body did not arrive in time.', { cause: error });
      }
      throw error instanceof OtlpBodyError ? refusal(error) : error;
    } finally {
      clearTimeout(timer);
      turns.end();
    }
  };

  app.post('/v1/traces', (c) => {
    if (!traces) throw new RouteNotFoundError('Spans go to the collector.');
    return take(c, 'traces', (payload) => traces.add(payload));
  });
  app.post('/v1/logs', (c) => {
    if (!lines) throw new RouteNotFoundError('Lines go to the collector, by their files.');
    return take(c, 'logs', (payload) => lines.add(payload));
  });
}

function isProtobuf(c: HonoContext): boolean {
  return mediaType(c.req.header('content-type')) === OTLP_TYPES.protobuf;
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

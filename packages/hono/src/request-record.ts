/**
 * What one request carries through an app: its ids, its bounds, and the error it ended in.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { AppError } from '@breakwater/errors';
import { currentSpanContext, toTraceparent } from '@breakwater/telemetry';
import type { Context, MiddlewareHandler } from 'hono';
import { IdentifiedResponse } from './identified-response.ts';
import { HEADERS } from './names.ts';
import type { RequestBounds } from './request-bounds.ts';

/** One request, as every part of the request path sees it. */
export interface RequestRecord {
  readonly traceId: string;
  readonly requestId: string;
  /** `performance.now()` when the request came in, in milliseconds. */
  readonly startedAt: number;
  /** What `Server-Timing` says: W3C `traceparent` of the span. */
  readonly traceparent: string;
  /** The error the request ended in. */
  failure?: AppError;
  /** No handler has the request's path, or none for its method. */
  unmatched?: boolean;
  /** The caller allowed less time than the service gives itself. */
  boundByCaller?: boolean;
  /** Its deadline, its signal, its place; absent where nothing bounds requests. */
  bounds?: RequestBounds;
  /** The response is one of a degraded mode. */
  degraded?: boolean;
}

/** Hono environment of an app: one variable, so that none of the app's own is in its way. */
export interface ServiceEnv {
  Variables: { breakwater: RequestRecord };
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** A client's request id if it is one that a log and a header can carry. */
export function saneRequestId(sent: unknown): string | undefined {
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : undefined;
}

/** The record of a request; undefined before its app has begun one. */
export function recordOf(c: Context): RequestRecord | undefined {
  return c.get('breakwater');
}

/** The record of a request, begun here if nothing has begun it. */
export function beginRecord(c: Context): RequestRecord {
  const begun = recordOf(c);
  if (begun) return begun;
  const span = currentSpanContext();
  const record: RequestRecord = {
    traceId: span.traceId,
    requestId: saneRequestId(c.req.header(HEADERS.requestId)) ?? randomUUID(),
    startedAt: performance.now(),
    traceparent: toTraceparent(span),
  };
  c.set('breakwater', record);
  return record;
}

/** Notes the error of a request whose handler responds by itself: its line, count and span tell it. */
export function noteFailure(c: Context, error: AppError): void {
  beginRecord(c).failure = error;
}

/**
 * Runs the work of a request and puts the ids on its response, good or bad: `X-Trace-ID`,
 * `X-Request-ID` (the client's, if it sent a sane one) and `Server-Timing: traceparent`, which
 * browsers show.
 */
export async function identified(
  c: Context,
  record: RequestRecord,
  work: () => Promise<unknown>,
): Promise<void> {
  const identity = {
    [HEADERS.traceId]: record.traceId,
    [HEADERS.requestId]: record.requestId,
    [HEADERS.serverTiming]: `traceparent;desc="${record.traceparent}"`,
  };
  const { outgoing } = (c.env ?? {}) as { outgoing?: unknown };
  if (outgoing instanceof IdentifiedResponse) {
    outgoing.identity = identity;
    await work();
  } else {
    await work();
    setHeaders(c, identity);
  }
}

/** A response of `fetch` has headers that cannot be changed: it is copied. */
function setHeaders(c: Context, headers: Readonly<Record<string, string>>): void {
  try {
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  } catch {
    c.res = new Response(c.res.body, c.res);
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  }
}

/**
 * The ids alone, as a middleware: begins the record of each request and puts its ids on the response.
 *
 * @example
 * app.use(requestIds());
 */
export function requestIds(): MiddlewareHandler {
  return (c, next) => identified(c, beginRecord(c), next);
}

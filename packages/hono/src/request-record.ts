/**
 * What one request carries through an app: its ids, its bounds, and the error it ended in.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { AppError } from '@breakwater/errors';
import { currentSpanContext, saneRequestId, toTraceparent } from '@breakwater/telemetry';
import type { SpanContext } from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import { IdentifiedResponse } from './identified-response.ts';
import { routeTemplate } from './matched-route.ts';
import { HEADERS, ROUTE_UNMATCHED } from './names.ts';
import { Received } from './received.ts';
import type { RequestBounds } from './request-bounds.ts';
import type { ServerSpan } from './server-span.ts';

/** One request, as every part of the request path sees it. */
export class RequestRecord {
  readonly traceId: string;
  readonly requestId: string;
  /** `performance.now()` when the request came in, in milliseconds. */
  readonly startedAt: number;
  /** What `Server-Timing` says: W3C `traceparent` of the span. */
  readonly traceparent: string;
  readonly method: string;
  readonly received: Received;
  readonly span: SpanContext;
  /** The SERVER span, where it is our own. */
  readonly server: ServerSpan | undefined;
  /** Hono's, once a handler of the app was reached. */
  context: Context | undefined;
  /** The error the request ended in. */
  failure: AppError | undefined;
  /** No handler has the request's path, or none for its method. */
  unmatched = false;
  /** The caller allowed less time than the service gives itself. */
  boundByCaller = false;
  /** Its deadline, its signal, its place; absent where nothing bounds requests. */
  bounds: RequestBounds | undefined;
  /** The response is one of a degraded mode. */
  degraded = false;
  /** The template of the handler that was reached last; absent where that is a middleware. */
  reached: string | undefined;
  /** What GET would have sent, where the request is HEAD. */
  source: Response | undefined;
  /** What its end sets free, where nothing bounds requests. */
  release: (() => void) | undefined;

  constructor(received: Received, server?: ServerSpan) {
    const span = server?.span.spanContext() ?? currentSpanContext();
    this.traceId = span.traceId;
    this.requestId = saneRequestId(received.header(HEADERS.requestId)) ?? randomUUID();
    this.startedAt = performance.now();
    this.traceparent = toTraceparent(span);
    this.method = received.raw.method;
    this.received = received;
    this.span = span;
    this.server = server;
  }
}

/** Hono environment of an app: one variable, so that none of the app's own is in its way. */
export interface ServiceEnv {
  Variables: { breakwater: RequestRecord };
}

/** Where a request keeps its record until Hono has made a context of it. */
const RECORD = Symbol('breakwater');
type Recorded = Request & { [RECORD]?: RequestRecord };

/** The record of a request; undefined before its app has begun one. */
export function recordOf(c: Context): RequestRecord | undefined {
  return c.get('breakwater') ?? recordOfRaw(c.req.raw);
}

/** {@link recordOf} before there is a context. */
export function recordOfRaw(raw: Request): RequestRecord | undefined {
  return (raw as Recorded)[RECORD];
}

/** The record of a request, begun here if nothing has begun it. */
export function beginRecord(c: Context): RequestRecord {
  const begun = recordOf(c);
  if (begun?.context) return begun;
  const record = begun ?? newRecord(new Received(c.req.raw, c.env));
  record.context = c;
  c.set('breakwater', record);
  return record;
}

/** Begins the record of a request, in the SERVER span that was made for it or in the active one. */
export function newRecord(received: Received, server?: ServerSpan): RequestRecord {
  const record = new RequestRecord(received, server);
  (received.raw as Recorded)[RECORD] = record;
  return record;
}

/** The template of the route that a request was about, or `unmatched`. */
export function routeOf({ unmatched, context, reached }: RequestRecord): string {
  if (unmatched || !context) return ROUTE_UNMATCHED;
  return reached ?? routeTemplate(context, true);
}

/** Notes the error of a request whose handler responds by itself: its line, count and span tell it. */
export function noteFailure(c: Context, error: AppError): void {
  beginRecord(c).failure = error;
}

/**
 * Lets the response to a request carry its ids, good or bad: `X-Trace-ID`, `X-Request-ID` (the
 * client's, if it sent a sane one) and `Server-Timing: traceparent`, which browsers show.
 *
 * @returns what puts them on a response that is not written by a server of ours
 */
export function identify(record: RequestRecord): ((response: Response) => Response) | undefined {
  const identity = {
    [HEADERS.traceId]: record.traceId,
    [HEADERS.requestId]: record.requestId,
    [HEADERS.serverTiming]: `traceparent;desc="${record.traceparent}"`,
  };
  const { outgoing } = record.received;
  if (!(outgoing instanceof IdentifiedResponse))
    return (response) => setHeaders(response, identity);
  outgoing.identity = identity;
  return undefined;
}

/** A response of `fetch` has headers that cannot be changed: it is copied. */
function setHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  try {
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value);
    return copy;
  }
}

/**
 * The ids alone, as a middleware: begins the record of each request and puts its ids on the response.
 *
 * @example
 * app.use(requestIds());
 */
export function requestIds(): MiddlewareHandler {
  return async (c, next) => {
    const put = identify(beginRecord(c));
    await next();
    if (put) c.res = put(c.res);
  };
}

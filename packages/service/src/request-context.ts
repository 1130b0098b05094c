/**
 * What a request carries through a service: its ids and the moment it began.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { AppError } from '@breakwater/errors';
import { currentSpanContext, toTraceparent } from '@breakwater/otel';
import type { MiddlewareHandler } from 'hono';
import { IdentifiedResponse } from './identified-response.ts';
import { HEADERS } from './names.ts';
import type { RequestBounds } from './request-bounds.ts';

/** Hono variables of every request. */
export interface RequestVariables {
  traceId: string;
  requestId: string;
  /** `performance.now()` when the request came in, in milliseconds. */
  startedAt: number;
  /** The error the request was answered with. */
  failure?: AppError;
  /** No handler has the request's path, or none for its method. */
  unmatched?: boolean;
  /** The caller allowed less time than the service gives itself. */
  boundByCaller?: boolean;
  /** Its deadline, its signal, its place. */
  bounds?: RequestBounds;
  /** The answer is one of the degraded mode. */
  degraded?: boolean;
}

/** Hono environment of every service's app. */
export interface ServiceEnv {
  Variables: RequestVariables;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** A client's request id if it is one that a log and a header can carry. */
export function saneRequestId(sent: unknown): string | undefined {
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : undefined;
}

/**
 * Gives the request its ids and puts them on every response, good or bad: `X-Trace-ID`,
 * `X-Request-ID` (the client's, if it sent a sane one) and `Server-Timing: traceparent`, which
 * browsers show.
 */
export function requestContext(): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const span = currentSpanContext();
    const requestId = saneRequestId(c.req.header(HEADERS.requestId)) ?? randomUUID();
    c.set('startedAt', performance.now());
    c.set('traceId', span.traceId);
    c.set('requestId', requestId);
    const identity = {
      [HEADERS.traceId]: span.traceId,
      [HEADERS.requestId]: requestId,
      [HEADERS.serverTiming]: `traceparent;desc="${toTraceparent(span)}"`,
    };
    const { outgoing } = (c.env ?? {}) as { outgoing?: unknown };
    if (outgoing instanceof IdentifiedResponse) {
      outgoing.identity = identity;
      return next();
    }
    await next();
    for (const [name, value] of Object.entries(identity)) c.res.headers.set(name, value);
  };
}

/**
 * A limit of the requests in flight at the door of a service.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';
import { Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';
import { isQuiet } from './operational-paths.ts';

/** When a refused client may come again, in seconds: by then most of what is in flight has ended. */
const RETRY_AFTER_S = 1;

/**
 * Refuses a request with 503 `OVERLOADED` at once while `limit` others are in flight: those that
 * wait make each other slower, until none is answered in time. Health checks are always
 * answered, or an overloaded service would be taken for a dead one.
 */
export function limitInFlight(limit: number, register: Registry): MiddlewareHandler {
  new Gauge({
    name: METRICS.activeRequestsLimit,
    help: 'Requests that may be in flight at once.',
    registers: [register],
  }).set(limit);
  let inFlight = 0;
  return async (c, next) => {
    if (isQuiet(c.req.path)) return next();
    if (inFlight >= limit) throw overloaded(limit);
    inFlight++;
    try {
      await next();
    } finally {
      inFlight--;
    }
  };
}

function overloaded(limit: number): OverloadedError {
  return new OverloadedError('The service has as many requests in flight as it can serve.', {
    internal: { limit, delivery: 'not_sent' },
    retryAfterS: RETRY_AFTER_S,
  });
}

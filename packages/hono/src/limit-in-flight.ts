/**
 * A limit of the requests in flight at a service.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';
import { Gauge, type Registry } from 'prom-client';
import type { Step } from './chain.ts';
import { METRICS } from './names.ts';
import { isQuiet } from './operational-paths.ts';
import { recordOf } from './request-record.ts';

/** When a refused client may come again, in seconds: by then most of what is in flight has ended. */
const RETRY_AFTER_S = 1;

/** As many requests as are served at once. */
export class Places {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws {OverloadedError} when all are taken */
  take(): void {
    if (this.#taken >= this.#limit) {
      throw new OverloadedError('The service has as many requests in flight as it can serve.', {
        internal: { limit: this.#limit, delivery: 'not_sent' },
        retryAfterS: RETRY_AFTER_S,
      });
    }
    this.#taken++;
  }

  give(): void {
    this.#taken--;
  }
}

/**
 * Refuses a request with 503 `OVERLOADED` at once while `limit` others are in flight: those that
 * wait make each other slower, until none is answered in time. A request that waits for its own
 * body holds no place, nor does one whose deadline has passed. Health checks are always answered, or
 * an overloaded service would be taken for a dead one.
 */
export function limitInFlight(limit: number, register?: Registry): Step {
  if (register) {
    new Gauge({
      name: METRICS.activeRequestsLimit,
      help: 'Requests that may be in flight at once.',
      registers: [register],
    }).set(limit);
  }
  const places = new Places(limit);
  return async (c, next) => {
    if (isQuiet(c.req.path)) return next();
    const bounds = recordOf(c)?.bounds;
    if (bounds) {
      bounds.enter(places);
      return next();
    }
    places.take();
    try {
      await next();
    } finally {
      places.give();
    }
  };
}

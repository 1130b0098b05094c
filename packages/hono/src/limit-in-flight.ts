/**
 * A limit of the requests in flight at a service.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';
import { Gauge, type Registry } from 'prom-client';
import { METRICS } from './names.ts';
import { isQuiet } from './operational-paths.ts';
import { beginRecord, type RequestRecord } from './request-record.ts';

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

/** Takes a place for a request, or throws. */
export type Admission = (record: RequestRecord) => void;

/**
 * Refuses a request with 503 `OVERLOADED` at once while `limit` others are in flight: those that
 * wait make each other slower, until none is answered in time. A request that waits for its own
 * body holds no place, nor does one whose deadline has passed. Health checks are always answered, or
 * an overloaded service would be taken for a dead one.
 */
export function placesFor(limit: number, register?: Registry): Admission {
  if (register) {
    new Gauge({
      name: METRICS.activeRequestsLimit,
      help: 'Requests that may be in flight at once.',
      registers: [register],
    }).set(limit);
  }
  const places = new Places(limit);
  return (record) => {
    if (isQuiet(record.received.path)) return;
    if (record.bounds) {
      record.bounds.enter(places);
    } else {
      places.take();
      record.release = () => places.give();
    }
  };
}

/** {@link placesFor} as a middleware. */
export function limitInFlight(limit: number, register?: Registry): MiddlewareHandler {
  const admit = placesFor(limit, register);
  return async (c, next) => {
    const record = beginRecord(c);
    admit(record);
    try {
      await next();
    } finally {
      record.release?.();
    }
  };
}

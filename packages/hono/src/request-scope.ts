/**
 * Bounds the work for a request: by its deadline, and by its client's patience.
 *
 * @module
 */
import { type AppError, DeadlineExceededError } from '@breakwater/errors';
import {
  type Clock,
  Deadline,
  HEADERS,
  parseDeadline,
  runInScope,
  systemClock,
  TimeoutQueue,
} from '@breakwater/resilience';
import type { Logger } from '@breakwater/telemetry';
import type { MiddlewareHandler } from 'hono';
import { Counter, Gauge, type Registry } from 'prom-client';
import { isBug } from './error-handler.ts';
import { isStream } from './guard-stream.ts';
import { METRICS } from './names.ts';
import { type AbandonedWork, GRACE_MS, RequestBounds } from './request-bounds.ts';
import { logLate } from './request-log.ts';
import { beginRecord, type RequestRecord, routeOf } from './request-record.ts';

export interface RequestScopeOptions {
  /** The service's own deadline for each request, in milliseconds. */
  readonly deadlineMs: number;
  /** Where abandoned work is counted. Default: nowhere. */
  readonly register?: Registry;
  /** Where a bug that shows too late is told. Default: nowhere. */
  readonly logger?: Logger;
  readonly toAppError: (thrown: unknown) => AppError;
  readonly clock?: Clock | undefined;
}

/**
 * Cuts each request at its deadline, the earlier of the caller's and the service's own, and puts
 * {@link RequestBounds} where every call below finds them. The work that is abandoned with a
 * request is counted: in a gauge while it lasts, and by its outcome when it ends.
 */
export class RequestScopes {
  readonly #deadlineMs: number;
  readonly #clock: Clock;
  readonly #timeouts: TimeoutQueue;
  readonly #abandoned: AbandonedWork;

  constructor(options: RequestScopeOptions) {
    const { deadlineMs, clock = systemClock } = options;
    this.#deadlineMs = deadlineMs;
    this.#clock = clock;
    this.#timeouts = new TimeoutQueue(clock);
    this.#abandoned = countAbandoned(options);
  }

  /** Runs the work of a request within its bounds. */
  run<T>(record: RequestRecord, work: () => T | Promise<T>): T | Promise<T> {
    const bounds = this.begin(record);
    return runInScope(bounds, () => bounds.run(work));
  }

  /** The response is ready, or there will be none. */
  end({ bounds }: RequestRecord, response: Response | undefined): void {
    if (!bounds) return;
    this.#timeouts.delete(bounds);
    bounds.finish(!bounds.interruption && response !== undefined && isStream(response));
  }

  /**
   * Bounds a request, for whoever runs its work within them; until {@link end}.
   *
   * @param obeysCaller whether the deadline that the caller's header says is obeyed
   */
  begin(record: RequestRecord, obeysCaller = true): RequestBounds {
    const clock = this.#clock;
    const own = Deadline.after(this.#deadlineMs, clock);
    const header = obeysCaller ? record.received.header(HEADERS.deadline) : undefined;
    const deadline = header ? (Deadline.earliest(own, parseDeadline(header, clock)) ?? own) : own;
    const bounds = new RequestBounds(record, deadline, clock, this.#abandoned);
    record.bounds = bounds;
    if (deadline === own) {
      this.#timeouts.add(bounds, this.#deadlineMs + GRACE_MS);
    } else {
      record.boundByCaller = true;
      const ms = deadline.remainingMs() + GRACE_MS;
      bounds.timer = clock.setTimer(() => bounds.onTimeout(), ms);
    }
    return bounds;
  }
}

/** @throws {DeadlineExceededError} when the deadline of a request has passed before its work began */
export function refuseExpired({ boundByCaller, bounds }: RequestRecord): void {
  if (boundByCaller && bounds?.deadline?.expired) {
    throw new DeadlineExceededError('The deadline has passed already.');
  }
}

/** {@link RequestScopes} as a middleware. */
export function requestScope(options: RequestScopeOptions): MiddlewareHandler {
  const scopes = new RequestScopes(options);
  return async (c, next) => {
    const record = beginRecord(c);
    try {
      await scopes.run(record, () => {
        refuseExpired(record);
        return next();
      });
    } finally {
      scopes.end(record, c.finalized ? c.res : undefined);
    }
  };
}

function countAbandoned(options: RequestScopeOptions): AbandonedWork {
  const { register, logger, toAppError } = options;
  const registers = register ? [register] : [];
  const running = new Gauge({
    name: METRICS.abandonedHandlers,
    help: 'Handlers that go on although their request was cut at its deadline.',
    registers,
  });
  const results = new Counter({
    name: METRICS.lateResults,
    help: 'Handlers that ended after their request was cut, by what they ended in.',
    labelNames: ['http_route', 'outcome'],
    registers,
  });
  return {
    began: () => running.inc(),
    ended(record, failure) {
      running.dec();
      const outcome = failure === undefined ? 'success' : 'failure';
      const route = routeOf(record);
      results.inc({ http_route: route, outcome });
      if (failure === undefined) return;
      const error = toAppError(failure);
      // A bug that shows only when it is late is one all the same.
      if (logger && isBug(error)) logLate(logger, record, route, error);
    },
  };
}

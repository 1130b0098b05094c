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
import type { Context } from 'hono';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Step } from './chain.ts';
import { isBug } from './error-handler.ts';
import { isStream } from './guard-stream.ts';
import { routeTemplate } from './matched-route.ts';
import { METRICS } from './names.ts';
import { type AbandonedWork, GRACE_MS, RequestBounds } from './request-bounds.ts';
import { logLate } from './request-log.ts';
import { beginRecord, recordOf } from './request-record.ts';

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
export function requestScope(options: RequestScopeOptions): Step {
  const { deadlineMs, clock = systemClock } = options;
  const timeouts = new TimeoutQueue(clock);
  const abandonedBy = countAbandoned(options);
  return async (c, next) => {
    const own = Deadline.after(deadlineMs, clock);
    const callers = parseDeadline(c.req.header(HEADERS.deadline), clock);
    const deadline = Deadline.earliest(own, callers) ?? own;
    const record = beginRecord(c);
    record.boundByCaller = deadline !== own;
    if (deadline.expired) throw new DeadlineExceededError('The deadline has passed already.');
    const bounds = new RequestBounds(c, deadline, clock, abandonedBy(c));
    record.bounds = bounds;
    let release: () => void;
    if (deadline === own) {
      timeouts.add(bounds, deadlineMs + GRACE_MS);
      release = () => timeouts.delete(bounds);
    } else {
      const timer = clock.setTimer(() => bounds.onTimeout(), deadline.remainingMs() + GRACE_MS);
      release = () => timer.cancel();
    }
    try {
      await runInScope(bounds, () => bounds.run(next));
    } finally {
      release();
      bounds.finish(!bounds.interruption && c.finalized && isStream(c.res));
    }
  };
}

/** Makes a request be cut inside the middlewares before this one: they still see its response. */
export function cutHere(): Step {
  return (c, next) => recordOf(c)?.bounds?.run(next) ?? next();
}

function countAbandoned({ register, logger, toAppError }: RequestScopeOptions) {
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
  return (c: Context): AbandonedWork => ({
    began: () => running.inc(),
    ended(failure) {
      running.dec();
      const outcome = failure === undefined ? 'success' : 'failure';
      const route = routeTemplate(c);
      results.inc({ http_route: route, outcome });
      if (failure === undefined) return;
      const error = toAppError(failure);
      // A bug that shows only when it is late is one all the same.
      if (!isBug(error)) return;
      const { requestId, traceId } = beginRecord(c);
      if (logger) logLate(logger, { method: c.req.method, route, requestId, traceId }, error);
    },
  });
}

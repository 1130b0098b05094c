/**
 * What is told of a response: metrics, the log line and the span, from the same facts.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import type { ErrorRateMonitor } from '@breakwater/resilience';
import { type Logger, setSpanRoute } from '@breakwater/telemetry';
import type { MiddlewareHandler } from 'hono';
import type { ErrorCatalogue } from './catalogue.ts';
import { guardStream, isStream } from './guard-stream.ts';
import { IdentifiedResponse } from './identified-response.ts';
import { routeTemplate, workOf } from './matched-route.ts';
import { isQuiet } from './operational-paths.ts';
import { type RequestOutcome, RequestOutcomes } from './outcomes.ts';
import type { RedMetrics } from './red-metrics.ts';
import { logAccess, logBroken, logFailure } from './request-log.ts';
import { beginRecord, type RequestRecord, routeOf } from './request-record.ts';
import { noteErrorCode } from './server-span.ts';

/** What every response is told to; what is left out is not told. */
export interface Observers {
  /** Reads whatever was thrown. */
  readonly toAppError: (thrown: unknown) => AppError;
  /** The error behind a failed response that no error was thrown for. */
  readonly fromResponse: (response: Response) => AppError;
  readonly metrics?: RedMetrics | undefined;
  readonly logger?: Logger | undefined;
  readonly catalogue?: Pick<ErrorCatalogue, 'note'> | undefined;
  readonly monitor?: Pick<ErrorRateMonitor, 'record'> | undefined;
}

/** Sees each request once when it comes in, and once when its response is ready. */
export interface Observer {
  begin(record: RequestRecord): void;
  /**
   * @param ended told when a response that is a stream is over
   * @returns the response to send
   */
  end(record: RequestRecord, response: Response, ended?: () => void): Response;
  /** There is no response: whatever serves the app makes one. */
  abandon(record: RequestRecord): void;
}

/** Records each request once, after its response is ready and before it is sent. */
export function observe(observers: Observers): Observer {
  const { metrics } = observers;
  const recorder = new Recorder(observers);
  return {
    begin(record) {
      if (!isQuiet(record.received.path)) metrics?.begin(record.method);
    },
    end(record, response, ended) {
      if (!isQuiet(record.received.path)) metrics?.end(record.method);
      else if (!record.failure) return response;
      return recorder.record(record, response, ended);
    },
    abandon(record) {
      if (!isQuiet(record.received.path)) metrics?.end(record.method);
    },
  };
}

/** What changes nothing, on the operational listener, is asked every few seconds. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * {@link observe} for the operational listener: a request that fails, or that changes something, is
 * recorded; none says anything about how the service does its work.
 */
export function observeOperations({ monitor: _, ...observers }: Observers): Observer {
  const recorder = new Recorder(observers);
  return {
    begin() {},
    end(record, response, ended) {
      if (!record.failure && SAFE.has(record.method)) return response;
      return recorder.record(record, response, ended);
    },
    abandon() {},
  };
}

/** An observer as a middleware of its own. */
export function observing(observer: Observer): MiddlewareHandler {
  return async (c, next) => {
    const record = beginRecord(c);
    setSpanRoute(routeTemplate(c));
    observer.begin(record);
    try {
      await next();
    } finally {
      const { res } = c;
      const response = observer.end(record, res);
      if (response !== res) c.res = response;
    }
  };
}

class Recorder {
  readonly #observers: Observers;
  readonly #outcomes: RequestOutcomes;

  constructor(observers: Observers) {
    this.#observers = observers;
    this.#outcomes = new RequestOutcomes(observers.metrics);
  }

  record(record: RequestRecord, response: Response, ended?: () => void): Response {
    const { status } = response;
    const route = routeOf(record);
    const outcome = this.#outcomes.of(record.method, route, status);
    const durationMs = performance.now() - record.startedAt;
    outcome.duration?.observeWithExemplar(durationMs / 1_000);
    if (status >= 400) this.#recordFailure(record, response, outcome, durationMs);
    else this.#recordSuccess(record, outcome, durationMs);
    if (!record.server) setSpanRoute(route);
    // Of a request that was cut nobody sends the body, and somebody else may still read it; most
    // responses are no streams, and are to cost no closure.
    if (record.bounds?.interruption || !isStream(response)) return response;
    const { metrics, logger, toAppError } = this.#observers;
    return guardStream(record, response, {
      onError(cause) {
        metrics?.broken(route);
        if (logger) logBroken(logger, record, route, toAppError(cause));
      },
      onEnd: () => ended?.(),
    });
  }

  #recordSuccess(record: RequestRecord, outcome: RequestOutcome, durationMs: number): void {
    const { logger, monitor } = this.#observers;
    if (!isQuiet(record.received.path) && !record.degraded) monitor?.record(true);
    if (!logger) return;
    // A server of ours sends the response when the line has been written.
    const waits = record.received.outgoing instanceof IdentifiedResponse;
    logAccess(logger, outcome.line, record, durationMs, waits ? 'end of turn' : 'now');
  }

  #recordFailure(
    record: RequestRecord,
    response: Response,
    { method, route, status }: RequestOutcome,
    durationMs: number,
  ): void {
    const { metrics, logger, catalogue, monitor } = this.#observers;
    const error = this.#errorOf(record, response);
    const undeclared = catalogue?.note(workOf(method), route, error) === false;
    noteErrorCode(error.code);
    metrics?.failed(route, error);
    const { type } = error.kind;
    if (type !== 'client' && !isQuiet(record.received.path) && !record.degraded) {
      monitor?.record(type !== 'technical');
    }
    const { requestId, traceId } = record;
    const entry = { method, route, requestId, traceId, status, durationMs, error, undeclared };
    if (logger) logFailure(logger, entry);
  }

  /** The error of a failed response: what was thrown, and else what the response itself tells. */
  #errorOf(record: RequestRecord, response: Response): AppError {
    const { toAppError, fromResponse } = this.#observers;
    const thrown = record.context?.error;
    record.failure ??= thrown ? toAppError(thrown) : fromResponse(response);
    return record.failure;
  }
}

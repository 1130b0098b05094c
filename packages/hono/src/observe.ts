/**
 * What is told of a response: metrics, the log line and the span, from the same facts.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import type { ErrorRateMonitor } from '@breakwater/resilience';
import { ATTRIBUTES, type Logger } from '@breakwater/telemetry';
import { trace } from '@opentelemetry/api';
import type { Context } from 'hono';
import type { ErrorCatalogue } from './catalogue.ts';
import type { Step } from './chain.ts';
import { guardStream } from './guard-stream.ts';
import { handlerMethod, routeTemplate } from './matched-route.ts';
import { ROUTE_UNMATCHED } from './names.ts';
import { isQuiet } from './operational-paths.ts';
import type { RedMetrics } from './red-metrics.ts';
import { logBroken, logRequest } from './request-log.ts';
import { beginRecord } from './request-record.ts';
import { nameServerSpan } from './server-span.ts';

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

/** Records each request once, after its response is ready and before it is sent. */
export function observe(observers: Observers): Step {
  const { metrics } = observers;
  return async (c, next) => {
    const request = beginRecord(c);
    if (isQuiet(c.req.path)) {
      await next();
      if (request.failure) record(c, observers);
      return;
    }
    // Before the work: a client that goes away ends the span before the response is ready.
    nameServerSpan(c, routeTemplate(c));
    const { method } = c.req;
    metrics?.begin(method);
    try {
      await next();
    } finally {
      metrics?.end(method);
      record(c, observers);
    }
  };
}

/** What changes nothing, on the operational listener, is asked every few seconds. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * {@link observe} for the operational listener: a request that fails, or that changes something, is
 * recorded; none says anything about how the service does its work.
 */
export function observeOperations({ monitor: _, ...observers }: Observers): Step {
  return async (c, next) => {
    nameServerSpan(c, routeTemplate(c));
    await next();
    if (beginRecord(c).failure || !SAFE.has(c.req.method)) record(c, observers);
  };
}

function record(c: Context, observers: Observers): void {
  const { metrics, logger, catalogue, monitor } = observers;
  const request = beginRecord(c);
  const route = request.unmatched ? ROUTE_UNMATCHED : routeTemplate(c);
  nameServerSpan(c, route);
  const { method } = c.req;
  const { status } = c.res;
  const { requestId, traceId, bounds } = request;
  const durationMs = performance.now() - request.startedAt;
  const error = status >= 400 ? errorOf(c, observers) : undefined;
  const undeclared =
    error !== undefined && catalogue?.note(handlerMethod(c), route, error) === false;
  if (error) trace.getActiveSpan()?.setAttribute(ATTRIBUTES.errorCode, error.code);
  metrics?.record({ method, route, status, durationMs, error });
  const type = error?.kind.type;
  if (type !== 'client' && !isQuiet(c.req.path) && !request.degraded) {
    monitor?.record(type !== 'technical');
  }
  const told = { method, route, requestId, traceId };
  if (logger) logRequest(logger, { ...told, status, durationMs, error, undeclared });
  if (bounds?.interruption) return;
  guardStream(c, (cause) => {
    metrics?.broken(route);
    if (logger) logBroken(logger, told, observers.toAppError(cause));
  });
}

/** The error of a failed response: what was thrown, and else what the response itself tells. */
function errorOf(c: Context, { toAppError, fromResponse }: Observers): AppError {
  const request = beginRecord(c);
  request.failure ??= c.error ? toAppError(c.error) : fromResponse(c.res);
  return request.failure;
}

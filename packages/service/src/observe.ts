/**
 * The middleware that sees every answer: metrics, the log line and the span, from the same facts.
 *
 * @module
 */
import { type AppError, InternalError } from '@breakwater/errors';
import { ATTRIBUTES, type Logger, setSpanRoute } from '@breakwater/otel';
import type { ErrorRateMonitor } from '@breakwater/resilience';
import { trace } from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import type { ErrorCatalogue } from './catalogue.ts';
import { guardStream } from './guard-stream.ts';
import { handlerMethod, routeTemplate } from './matched-route.ts';
import { ROUTE_UNMATCHED } from './names.ts';
import { isQuiet } from './operational-paths.ts';
import type { RedMetrics } from './red-metrics.ts';
import type { ServiceEnv } from './request-context.ts';
import { logBroken, logRequest } from './request-log.ts';

/** What every answer is told to. */
export interface Observers {
  /** Reads whatever was thrown. */
  readonly toAppError: (thrown: unknown) => AppError;
  readonly metrics: RedMetrics;
  readonly logger: Logger;
  readonly catalogue: Pick<ErrorCatalogue, 'note'>;
  readonly monitor: Pick<ErrorRateMonitor, 'record'>;
}

/** Records each request once, after its answer is ready and before the answer is sent. */
export function observe(observers: Observers): MiddlewareHandler<ServiceEnv> {
  const { metrics } = observers;
  return async (c, next) => {
    if (isQuiet(c.req.path)) {
      await next();
      if (c.get('failure')) record(c, observers);
      return;
    }
    // Before the work: a client that goes away ends the span before the answer is ready.
    setSpanRoute(routeTemplate(c));
    const { method } = c.req;
    metrics.begin(method);
    try {
      await next();
    } finally {
      metrics.end(method);
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
export function observeOperations(
  observers: Omit<Observers, 'monitor'>,
): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    setSpanRoute(routeTemplate(c));
    await next();
    if (!c.get('failure') && SAFE.has(c.req.method)) return;
    const { metrics, logger, catalogue, toAppError } = observers;
    record(c, { metrics, logger, catalogue, toAppError });
  };
}

type Recorded = Omit<Observers, 'monitor'> & Partial<Pick<Observers, 'monitor'>>;

function record(c: Context<ServiceEnv>, observers: Recorded): void {
  const { metrics, logger, catalogue, monitor } = observers;
  const route = c.get('unmatched') ? ROUTE_UNMATCHED : routeTemplate(c);
  setSpanRoute(route);
  const { method } = c.req;
  const { status } = c.res;
  const requestId = c.get('requestId');
  const traceId = c.get('traceId');
  const durationMs = performance.now() - c.get('startedAt');
  const error = status >= 400 ? errorOf(c) : undefined;
  const undeclared = error !== undefined && !catalogue.note(handlerMethod(c), route, error);
  if (error) trace.getActiveSpan()?.setAttribute(ATTRIBUTES.errorCode, error.code);
  metrics.record({ method, route, status, durationMs, error });
  const type = error?.kind.type;
  if (type !== 'client' && !isQuiet(c.req.path) && !c.get('degraded')) {
    monitor?.record(type !== 'technical');
  }
  const request = { method, route, requestId, traceId };
  logRequest(logger, { ...request, status, durationMs, error, undeclared });
  if (c.get('bounds')?.interruption) return;
  guardStream(c, (cause) => {
    metrics.broken(route);
    logBroken(logger, request, observers.toAppError(cause));
  });
}

/**
 * The error behind a failed answer. A handler that made an error response by hand has bypassed the
 * contract: it is counted and logged as a bug of ours, not passed over.
 */
function errorOf(c: Context<ServiceEnv>): AppError {
  return (
    c.get('failure') ??
    new InternalError(new Error(`a handler answered ${c.res.status} without throwing`))
  );
}

/**
 * The middleware that sees every answer: metrics, the log line and the span, from the same facts.
 *
 * @module
 */
import { type AppError, InternalError } from '@breakwater/errors';
import { ATTRIBUTES, type Logger, setSpanRoute } from '@breakwater/otel';
import { trace } from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import type { RedMetrics } from './red-metrics.ts';
import { routeTemplate, type ServiceEnv } from './request-context.ts';
import { logRequest } from './request-log.ts';

/** Paths that are asked every few seconds: neither counted nor logged, except when they fail. */
const QUIET = new Set(['/metrics', '/healthz', '/readyz']);

/** Records each request once, after its answer is ready and before the answer is sent. */
export function observe(metrics: RedMetrics, logger: Logger): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    if (QUIET.has(c.req.path)) return next();
    metrics.active.inc();
    try {
      await next();
    } finally {
      metrics.active.dec();
      record(c, metrics, logger);
    }
  };
}

function record(c: Context<ServiceEnv>, metrics: RedMetrics, logger: Logger): void {
  const route = routeTemplate(c);
  const method = c.req.method;
  const { status } = c.res;
  const durationMs = performance.now() - c.get('startedAt');
  const error = status >= 400 ? errorOf(c) : undefined;
  setSpanRoute(route);
  if (error) trace.getActiveSpan()?.setAttribute(ATTRIBUTES.errorCode, error.code);
  metrics.record({ method, route, status, durationMs, error });
  const { requestId, traceId } = c.var;
  logRequest(logger, { method, route, status, durationMs, requestId, traceId, error });
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

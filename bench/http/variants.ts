/**
 * The service under load: bare, and with one layer more at a time.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import { createService } from '@breakwater/kit';
import { type Logger, registry, setSpanRoute } from '@breakwater/otel';
import { createAdaptorServer, getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { createHttpServer } from '../../packages/hono/src/http-server.ts';
import { IdentifiedResponse } from '../../packages/hono/src/identified-response.ts';
import { routeTemplate } from '../../packages/hono/src/matched-route.ts';
import { RedMetrics } from '../../packages/hono/src/red-metrics.ts';
import { logRequest } from '../../packages/hono/src/request-log.ts';
import { beginRecord, requestIds } from '../../packages/hono/src/request-record.ts';
import { withRoutes } from './routes.ts';

/** Makes the server of one variant; it does not listen yet. */
export type Variant = (logger: Logger) => Server;

/** From nothing to everything. The tracing variants need the start-up hook of @breakwater/otel. */
export const variants: Readonly<Record<string, Variant>> = {
  bare: () => createAdaptorServer({ fetch: withRoutes(quiet()).fetch }) as Server,
  ids: () => layered(requestIds()),
  metrics: () => layered(requestIds(), counted()),
  line: (logger) => layered(requestIds(), counted(), logged(logger)),
  traces: (logger) => layered(requestIds(), named(), counted(), logged(logger)),
  everything: (logger) => {
    const service = createService({
      ...{ name: 'bench', description: 'The bench.', logger },
      registry: registry as Registry,
    });
    withRoutes(service.app as unknown as Hono);
    return createHttpServer(service);
  },
};

/** Hono's own handler of errors writes a stack to standard error, which is no layer of ours. */
function quiet(): Hono {
  return new Hono().onError((_error, c) => c.text('Internal Server Error', 500));
}

function layered(...layers: MiddlewareHandler[]): Server {
  const app = quiet();
  for (const layer of layers) app.use(layer);
  const { fetch } = withRoutes(app);
  return createServer({ ServerResponse: IdentifiedResponse }, getRequestListener(fetch)) as Server;
}

function counted(): MiddlewareHandler {
  const metrics = new RedMetrics(registry as Registry);
  return async (c, next) => {
    await next();
    metrics.record(answered(c));
  };
}

function logged(logger: Logger): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { requestId, traceId } = beginRecord(c);
    logRequest(logger, { ...answered(c), requestId, traceId });
  };
}

function named(): MiddlewareHandler {
  return (c, next) => {
    setSpanRoute(routeTemplate(c));
    return next();
  };
}

function answered(c: Context) {
  return {
    method: c.req.method,
    route: routeTemplate(c),
    status: c.res.status,
    durationMs: performance.now() - beginRecord(c).startedAt,
  };
}

/**
 * The service under load: bare, and with one layer more at a time.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import { type Logger, registry, setSpanRoute } from '@breakwater/otel';
import { createService } from '@breakwater/service';
import { createAdaptorServer, getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { Registry } from 'prom-client';
import { createHttpServer } from '../../packages/service/src/http-server.ts';
import { IdentifiedResponse } from '../../packages/service/src/identified-response.ts';
import { routeTemplate } from '../../packages/service/src/matched-route.ts';
import { RedMetrics } from '../../packages/service/src/red-metrics.ts';
import { requestContext, type ServiceEnv } from '../../packages/service/src/request-context.ts';
import { logRequest } from '../../packages/service/src/request-log.ts';

/** Makes the server of one variant; it does not listen yet. */
export type Variant = (logger: Logger) => Server;

/** From nothing to everything. The tracing variants need the start-up hook of @breakwater/otel. */
export const variants: Readonly<Record<string, Variant>> = {
  bare: () => createAdaptorServer({ fetch: withItem(new Hono()).fetch }) as Server,
  ids: () => layered(requestContext()),
  metrics: () => layered(requestContext(), counted()),
  line: (logger) => layered(requestContext(), counted(), logged(logger)),
  traces: (logger) => layered(requestContext(), named(), counted(), logged(logger)),
  everything: (logger) => {
    const service = createService({
      ...{ name: 'bench', description: 'The bench.', logger },
      registry: registry as Registry,
    });
    withItem(service.app as unknown as Hono);
    return createHttpServer(service);
  },
};

function withItem(app: Hono): Hono {
  return app.get('/items/:id', (c) => c.json({ id: c.req.param('id'), name: 'Lamp', stock: 12 }));
}

function layered(...layers: MiddlewareHandler<ServiceEnv>[]): Server {
  const app = new Hono<ServiceEnv>();
  for (const layer of layers) app.use(layer);
  const { fetch } = withItem(app as unknown as Hono);
  return createServer({ ServerResponse: IdentifiedResponse }, getRequestListener(fetch)) as Server;
}

function counted(): MiddlewareHandler<ServiceEnv> {
  const metrics = new RedMetrics(registry as Registry);
  return async (c, next) => {
    await next();
    metrics.record(answered(c));
  };
}

function logged(logger: Logger): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    await next();
    const requestId = c.get('requestId');
    const traceId = c.get('traceId');
    logRequest(logger, { ...answered(c), requestId, traceId });
  };
}

function named(): MiddlewareHandler<ServiceEnv> {
  return (c, next) => {
    setSpanRoute(routeTemplate(c));
    return next();
  };
}

function answered(c: Context<ServiceEnv>) {
  return {
    method: c.req.method,
    route: routeTemplate(c),
    status: c.res.status,
    durationMs: performance.now() - c.get('startedAt'),
  };
}

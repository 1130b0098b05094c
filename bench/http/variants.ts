/**
 * The service under load: bare, and with one layer more at a time.
 *
 * @module
 */
import { type Logger, setSpanRoute } from '@breakwater/otel';
import { createService } from '@breakwater/service';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { RedMetrics } from '../../packages/service/src/red-metrics.ts';
import {
  requestContext,
  routeTemplate,
  type ServiceEnv,
} from '../../packages/service/src/request-context.ts';
import { logRequest } from '../../packages/service/src/request-log.ts';

/** Makes the app of one variant. */
export type Variant = (logger: Logger) => { fetch: Hono['fetch'] };

/** From nothing to everything. The tracing variants need the start-up hook of @breakwater/otel. */
export const variants: Readonly<Record<string, Variant>> = {
  bare: () => withItem(new Hono()),
  ids: () => withItem(layered(requestContext())),
  metrics: () => withItem(layered(requestContext(), counted())),
  line: (logger) => withItem(layered(requestContext(), counted(), logged(logger))),
  traces: (logger) => withItem(layered(requestContext(), counted(), logged(logger), named())),
  everything: (logger) => {
    const { app } = createService({ name: 'bench', description: 'The bench.', logger });
    return withItem(app as unknown as Hono);
  },
};

function withItem(app: Hono): Hono {
  return app.get('/items/:id', (c) => c.json({ id: c.req.param('id'), name: 'Lamp', stock: 12 }));
}

function layered(...layers: MiddlewareHandler<ServiceEnv>[]): Hono {
  const app = new Hono<ServiceEnv>();
  for (const layer of layers) app.use(layer);
  return app as unknown as Hono;
}

function counted(): MiddlewareHandler<ServiceEnv> {
  const metrics = new RedMetrics();
  return async (c, next) => {
    await next();
    metrics.record(answered(c));
  };
}

function logged(logger: Logger): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    await next();
    const { requestId, traceId } = c.var;
    logRequest(logger, { ...answered(c), requestId, traceId });
  };
}

function named(): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    await next();
    setSpanRoute(routeTemplate(c));
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

/**
 * A service as the guides of its parts set it up: `@hono/otel`, NodeSDK, pino with the active
 * span's ids, `@hono/prometheus`.
 *
 * @module
 */
import { httpInstrumentationMiddleware } from '@hono/otel';
import { prometheus } from '@hono/prometheus';
import { trace } from '@opentelemetry/api';
import { Hono } from 'hono';
import { pino } from 'pino';
import { servePeer } from './peer-server.ts';
import { withRoutes } from './routes.ts';

const logger = pino({
  mixin() {
    const span = trace.getActiveSpan()?.spanContext();
    return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
  },
});
const { printMetrics, registerMetrics } = prometheus({ collectDefaultMetrics: true });

const app = new Hono();
app.use(httpInstrumentationMiddleware({ serviceName: 'honootel', serviceVersion: '1.0.0' }));
app.use('*', registerMetrics);
app.use('*', async (c, next) => {
  const startedAt = performance.now();
  await next();
  const { method, path } = c.req;
  const duration_ms = performance.now() - startedAt;
  logger.info({ method, path, status: c.res.status, duration_ms }, 'request');
});
app.onError((error, c) => {
  logger.error(error);
  return c.json({ error: 'Internal Server Error' }, 500);
});
app.get('/metrics', printMetrics);
servePeer(withRoutes(app));

/**
 * A service as the guides of its parts set it up: auto-instrumentations' register, winston,
 * `@hono/prometheus`.
 *
 * @module
 */
import { prometheus } from '@hono/prometheus';
import { Hono } from 'hono';
import winston from 'winston';
import { servePeer } from './peer-server.ts';
import { withRoutes } from './routes.ts';

const { combine, errors, json, timestamp } = winston.format;
const logger = winston.createLogger({
  level: 'info',
  format: combine(timestamp(), errors({ stack: true }), json()),
  transports: [new winston.transports.Console()],
});
const { printMetrics, registerMetrics } = prometheus({ collectDefaultMetrics: true });

const app = new Hono();
app.use('*', registerMetrics);
app.use('*', async (c, next) => {
  const startedAt = performance.now();
  await next();
  const { method, path } = c.req;
  const duration_ms = performance.now() - startedAt;
  logger.info('request', { method, path, status: c.res.status, duration_ms });
});
app.onError((error, c) => {
  logger.error(error);
  return c.json({ error: 'Internal Server Error' }, 500);
});
app.get('/metrics', printMetrics);
servePeer(withRoutes(app));

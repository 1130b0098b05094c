/**
 * A service with a route for each way in which a request can end. It writes lines where `LOG_DIR`
 * says so.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { ConflictError, DependencyUnavailableError, NotFoundError } from '@breakwater/errors';
import { breakwater, createHttpServer } from '@breakwater/hono';
import { createLogger, telemetry } from '@breakwater/otel';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';

const app = new Hono();
const service = breakwater(app, {
  name: 'spans',
  logger: process.env.LOG_DIR ? createLogger() : false,
});
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'BREW'];
app.on(METHODS, '/items/:id', (c) => c.json({ id: c.req.param('id') }));
app.on(METHODS, '/empty', (c) => c.body(null, 204));
app.on(METHODS, '/moved', (c) => c.redirect('/items/1'));
app.on(METHODS, '/failed/:how', (c) => {
  const how = c.req.param('how');
  if (how === 'missing') throw new NotFoundError('item', 1);
  if (how === 'rule') throw new ConflictError('No.');
  if (how === 'dependency') throw new DependencyUnavailableError('catalog');
  throw new Error('a bug');
});
app.on(METHODS, '/body', async (c) => c.text(String((await c.req.text()).length)));
app.on(METHODS, '/stream', (c) =>
  stream(c, async (writer) => {
    for (let i = 0; i < 3; i++) await writer.write('part');
  }),
);
app.get('/files/*', (c) => c.text('file'));

const server = createHttpServer(service).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', async () => {
  server.closeAllConnections();
  await telemetry()?.shutdown();
  process.exit();
});

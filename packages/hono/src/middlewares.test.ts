import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '@breakwater/errors';
import { requester, testTelemetry } from '@breakwater/testing';
import { Hono } from 'hono';
import { limitBody } from './body-limit.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { contractErrors, deadline, requestLog, requestMetrics, serverSpan } from './middlewares.ts';
import { requestIds } from './request-record.ts';

const name = 'todo';

test('ids alone', async () => {
  const app = new Hono().use(requestIds()).get('/', (c) => c.json({}));
  const { headers } = await requester(app)('GET', '/', { headers: { 'x-request-id': 'mine' } });
  assert.match(headers.get('x-trace-id') ?? '', /^[0-9a-f]{32}$/);
  assert.equal(headers.get('x-request-id'), 'mine');
});

test('the line and the metrics alone, of errors that Hono responds to', async () => {
  const { logger, registry, lines } = testTelemetry();
  const app = new Hono();
  app.use(requestLog({ logger }), requestMetrics({ registry }), serverSpan());
  app.get('/todos/:id', () => {
    throw new ConflictError('taken');
  });
  assert.equal((await app.request('/todos/7')).status, 500);
  const [line] = lines;
  assert.deepEqual(
    [line?.message, line?.error_code],
    ['GET /todos/:id 500 CONFLICT: taken', 'CONFLICT'],
  );
  assert.match(await registry.metrics(), /service_errors_total\{http_route="\/todos\/:id",/);
});

test('the contract alone', async () => {
  const app = new Hono();
  app.onError(contractErrors({ name }));
  app.get('/', () => {
    throw new ConflictError('taken');
  });
  const { status, body } = await requester(app)('GET', '/');
  assert.deepEqual([status, body.error_code, body.service_name], [409, 'CONFLICT', 'todo']);
});

test('the deadline alone, beside an onError of the app', async () => {
  const app = new Hono();
  app.use(deadline({ name, ms: 1 }));
  app.onError((_, c) => c.json({ own: true }, 418));
  let signal: AbortSignal | undefined;
  app.get('/hang', (c) => {
    signal = c.req.raw.signal;
    return new Promise<Response>(() => {});
  });
  app.get('/fail', () => {
    throw new Error('a bug');
  });
  const { status, body } = await requester(app)('GET', '/hang');
  assert.deepEqual([status, body.error_code, signal?.aborted], [504, 'DEADLINE_EXCEEDED', true]);
  assert.deepEqual((await requester(app)('GET', '/fail')).body, { own: true });
});

test('the limits alone', async () => {
  const released = Promise.withResolvers<void>();
  const app = new Hono();
  app.onError(contractErrors({ name }));
  app.use(limitInFlight(1), limitBody(10));
  app.post('/', async (c) => {
    const text = await c.req.text();
    await released.promise;
    return c.json(text);
  });
  const request = requester(app);
  const first = request('POST', '/', { body: 'x' });
  const second = await request('POST', '/', { body: 'x' });
  assert.deepEqual([second.status, second.body.error_code], [503, 'OVERLOADED']);
  released.resolve();
  assert.equal((await first).status, 200);
  assert.equal((await request('POST', '/', { body: 'longer than ten' })).status, 413);
});

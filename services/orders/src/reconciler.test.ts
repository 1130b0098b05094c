import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ERRORS, makeTestApp, refuse, type TestApp } from './test-app.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const spans = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
});
let app: TestApp;

before(async () => {
  trace.setGlobalTracerProvider(provider);
  app = await makeTestApp();
});
beforeEach(async () => {
  app.reset();
  spans.reset();
  await app.database.pool.query('truncate orders');
});
after(async () => {
  await app.stop();
  await provider.shutdown();
});

const ORDER = { user_id: 'user1', item_id: 'item1', quantity: 2 };
const get = async (id: string) => (await app.request('GET', `/orders/${id}`)).body;

/** An order whose payment's outcome is unknown. */
async function pendingOrder(answer = refuse(ERRORS.unknown)): Promise<string> {
  app.payments.answer = answer;
  const { body } = await app.request('POST', '/orders', { body: ORDER });
  return body.context.order_id;
}

/** Changes an order behind the service's back, as a crash would leave it. */
async function alter(id: string, assignments: string): Promise<void> {
  await app.database.pool.query(`update orders set ${assignments} where id = $1`, [id]);
}

test('asks payments again until it knows, and never asks catalog again', async () => {
  const id = await pendingOrder();
  await assert.rejects(app.reconciler.reconcile(id), { code: 'PAYMENT_PENDING' });
  assert.equal((await get(id)).status, 'payment_pending');
  const warning = app.lines.find(({ level }) => level === 'warn');
  assert.equal(warning?.order_id, id);

  app.payments.answer = (charge) => charge();
  await app.reconciler.reconcile(id);
  assert.equal((await get(id)).status, 'paid');
  assert.equal(app.catalog.reservations.length, 1);
  const line = app.lines.find(({ message }) => message === `order ${id} settled: paid`);
  assert.equal(line?.order_status, 'paid');

  await app.reconciler.reconcile(id);
  assert.equal(app.payments.requests.length, 3);
});

test('works in a trace of its own that links the trace of the order', async () => {
  const id = await pendingOrder();
  await alter(id, `traceparent = '00-${TRACE}-b7ad6b7169203331-01'`);
  await assert.rejects(app.reconciler.reconcile(id));
  app.payments.answer = (charge) => charge();
  await app.reconciler.reconcile(id);

  const [pending, settled] = spans.getFinishedSpans().filter(({ name }) => name === 'settle order');
  assert.equal(pending?.status.code, SpanStatusCode.ERROR);
  assert.equal(settled?.status.code, SpanStatusCode.UNSET);
  assert.equal(settled?.attributes['order.id'], id);
  assert.equal(settled?.attributes['order.status'], 'paid');
  assert.equal(settled?.links[0]?.context.traceId, TRACE);
  assert.notEqual(settled?.spanContext().traceId, TRACE);
  const line = app.lines.find(({ order_status }) => order_status === 'paid');
  assert.equal(line?.order_trace_id, TRACE);
});

test('an order that ends unpaid is settled too: its stock is back', async () => {
  const stock = app.catalog.stock;
  for (const [error, status] of [
    [ERRORS.declined, 'rejected'],
    [ERRORS.notCharged, 'payment_failed'],
  ] as const) {
    const id = await pendingOrder();
    app.payments.answer = refuse(error);
    await app.reconciler.reconcile(id);
    assert.equal((await get(id)).status, status);
    assert.equal(app.catalog.stock, stock);
  }
});

test('takes up an order whose process died before it reserved', async () => {
  const { body } = await app.request('POST', '/orders', { body: ORDER });
  await alter(body.id, `status = 'pending', total_cents = null, currency = null`);
  await app.reconciler.sweep();
  assert.deepEqual(app.queued, [body.id]);
  await app.reconciler.reconcile(body.id);
  const order = await get(body.id);
  assert.equal(order.status, 'paid');
  assert.equal(order.total_cents, 1000);
});

test('an order whose process died while it paid may be charged: its stock stays', async () => {
  const { body } = await app.request('POST', '/orders', { body: ORDER });
  const stock = app.catalog.stock;
  await alter(body.id, `status = 'pending', payment_asked = true`);
  app.payments.answer = refuse(ERRORS.unknown);
  await assert.rejects(app.reconciler.reconcile(body.id));
  assert.equal((await get(body.id)).status, 'payment_pending');
  assert.equal(app.catalog.stock, stock);
});

test('leaves alone what is settled, unknown, or in the hands of a request', async () => {
  const id = await pendingOrder();
  await alter(id, `leased_until = now() + interval '1 minute'`);
  await app.reconciler.sweep();
  await assert.rejects(app.reconciler.reconcile(id), { code: 'ORDER_IN_PROGRESS' });
  await alter(id, `leased_until = null, status = 'paid', payment_asked = false`);
  await app.reconciler.sweep();
  await app.reconciler.reconcile(id);
  await app.reconciler.reconcile('order-nothing');
  assert.equal(app.payments.requests.length, 1);
  assert.deepEqual(app.queued, [id], 'only the request itself has promised to come back');
});

test('sweeps up pending payments and stock to release, and counts them', async () => {
  const pending = await pendingOrder();
  app.payments.answer = () => {
    app.catalog.failure = ERRORS.unavailable;
    throw ERRORS.declined;
  };
  const declined = (await app.request('POST', '/orders', { body: ORDER })).body.context.order_id;
  app.queued.length = 0;
  await app.reconciler.sweep();
  assert.deepEqual(app.queued.toSorted(), [pending, declined].toSorted());
  assert.match(await app.registry.metrics(), /^orders_unsettled 2/m);
});

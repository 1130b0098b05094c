import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { OverloadedError } from '@breakwater/errors';
import { eventually } from '@breakwater/testing';
import { ERRORS, makeTestApp, refuse, type TestApp } from './test-app.ts';

let app: TestApp;

before(async () => {
  app = await makeTestApp();
});
beforeEach(async () => {
  await app.notifier.drain();
  app.reset();
});
after(() => app.stop());

const ORDER = { user_id: 'user1', item_id: 'item1', quantity: 1 };
const place = (headers: Record<string, string> = {}) =>
  app.request('POST', '/orders', { body: ORDER, headers });
const untold = () => app.lines.filter(({ message }) => /was not told/.test(message));

test('a paid order is told, once', async () => {
  const { body: order } = await place({ 'idempotency-key': 'told-once' });
  await app.notifier.drain();
  await place({ 'idempotency-key': 'told-once' });
  await app.notifier.drain();
  assert.deepEqual(app.notifications.seen, [
    {
      method: 'POST',
      path: '/notifications',
      body: { order_id: order.id, user_id: 'user1', kind: 'order_paid' },
    },
  ]);
  assert.deepEqual(untold(), []);
});

test('one that is not paid is not told, and is when it gets paid later', async () => {
  app.payments.answer = refuse(ERRORS.declined);
  await place();
  app.payments.answer = refuse(ERRORS.unknown);
  const pending = await place();
  await app.notifier.drain();
  assert.equal(app.notifications.seen.length, 0);
  app.payments.answer = (charge) => charge();
  await app.reconciler.reconcile(pending.body.context.order_id);
  await app.notifier.drain();
  assert.equal(app.notifications.seen.length, 1);
});

test('a failure is one line of the order’s trace, and no failure of the order', async () => {
  app.notifications.answer = () => {
    throw new OverloadedError('Not now.');
  };
  const { status, headers, body } = await place();
  assert.equal(status, 201);
  await app.notifier.drain();
  const lines = untold();
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.level, 'warn');
  assert.equal(lines[0]?.order_id, body.id);
  assert.equal(lines[0]?.error_code, undefined, 'an error code stands for a failed response');
  assert.ok(headers.get('x-trace-id'));
});

test('orders are paid while notifications hangs and its bulkhead is full', async () => {
  const held: (() => void)[] = [];
  app.notifications.answer = () =>
    new Promise((resolve) => held.push(() => resolve(new Response(null, { status: 503 }))));
  const before = app.payments.charged.size;
  for (let i = 0; i < 12; i++) {
    const answers = await Promise.all([place(), place(), place(), place(), place()]);
    for (const { status } of answers) assert.equal(status, 201);
  }
  await eventually(async () => assert.ok(untold().length > 0, 'those beyond it were dropped'));
  for (const release of held) release();
  await app.notifier.drain();
  assert.equal(app.payments.charged.size - before, 60);
});

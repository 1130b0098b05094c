import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ERRORS, makeTestApp, refuse, STOCK, type TestApp } from './test-app.ts';

let app: TestApp;
let keys = 0;

before(async () => {
  app = await makeTestApp();
});
beforeEach(() => app.reset());
after(() => app.stop());

const newKey = () => `key-${++keys}`;
const place = (key: string, order: object = {}, headers: Record<string, string> = {}) =>
  app.request('POST', '/orders', {
    body: { user_id: 'user1', item_id: 'item1', quantity: 2, ...order },
    headers: { 'idempotency-key': key, ...headers },
  });
const get = async (id: string) => (await app.request('GET', `/orders/${id}`)).body;

test('a placed order is reserved, paid and answered with 201', async () => {
  const stock = app.catalog.stock;
  const { status, headers, body } = await place(newKey());
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `/orders/${body.id}`);
  assert.equal(body.status, 'paid');
  assert.equal(body.total_cents, 1000);
  assert.equal(body.currency, 'EUR');
  assert.equal(body.error_code, null);
  assert.equal(app.catalog.stock, stock - 2);
  assert.deepEqual(app.payments.requests, [
    { order_id: body.id, amount: { currency: 'EUR', minor_units: 1000 } },
  ]);
  const { user, ...asked } = await get(body.id);
  assert.deepEqual(asked, body);
  assert.equal(user.name, 'Ann');
});

test('a repeat with the same key is the same order, and asks nobody again', async () => {
  const key = newKey();
  const first = await place(key);
  const second = await place(key);
  assert.equal(second.status, 200);
  assert.equal(second.headers.get('idempotent-replay'), 'true');
  assert.deepEqual(second.body, first.body);
  assert.equal(app.catalog.reservations.length, 1);
  assert.equal(app.payments.requests.length, 1);
});

test('without a key each request is an order of its own', async () => {
  const body = { user_id: 'user1', item_id: 'item1', quantity: 1 };
  const first = await app.request('POST', '/orders', { body });
  const second = await app.request('POST', '/orders', { body });
  assert.notEqual(first.body.id, second.body.id);
});

test('a key belongs to one order', async () => {
  const key = newKey();
  await place(key);
  const other = await place(key, { quantity: 3 });
  assert.equal(other.status, 409);
  assert.equal(other.body.error_code, 'IDEMPOTENCY_KEY_REUSED');
});

test('too little stock rejects the order for good, and a repeat is told the same', async () => {
  const key = newKey();
  app.catalog.stock = 1;
  const first = await place(key);
  app.catalog.stock = STOCK;
  const second = await place(key);
  for (const { status, body } of [first, second]) {
    assert.equal(status, 409);
    assert.equal(body.error_code, 'INSUFFICIENT_STOCK');
    assert.equal(body.context.available, 1);
  }
  assert.equal(first.body.context.order_id, second.body.context.order_id);
  assert.equal(app.catalog.reservations.length, 1);
  assert.equal(app.payments.requests.length, 0);
  assert.equal((await get(first.body.context.order_id)).status, 'rejected');
});

test('an unknown item is 404', async () => {
  const { status, body } = await place(newKey(), { item_id: 'nothing' });
  assert.equal(status, 404);
  assert.equal(body.error_code, 'ITEM_NOT_FOUND');
});

test('a declined payment rejects the order for good and gives its stock back', async () => {
  const key = newKey();
  const stock = app.catalog.stock;
  app.payments.answer = refuse(ERRORS.declined);
  const first = await place(key);
  app.payments.answer = (charge) => charge();
  const second = await place(key);
  for (const { status, body } of [first, second]) {
    assert.equal(status, 409);
    assert.equal(body.error_code, 'PAYMENT_DECLINED');
  }
  assert.equal(app.catalog.stock, stock);
  assert.equal(app.payments.requests.length, 1);
  const order = await get(first.body.context.order_id);
  assert.equal(order.status, 'rejected');
  assert.equal(order.error_code, 'PAYMENT_DECLINED');
});

test('a payment that certainly failed gives the stock back, and a repeat tries again', async () => {
  const key = newKey();
  const stock = app.catalog.stock;
  app.payments.answer = refuse(ERRORS.notCharged);
  const first = await place(key);
  assert.equal(first.status, 503);
  assert.equal(first.body.error_code, 'DEPENDENCY_UNAVAILABLE');
  assert.equal(first.body.context.dependency, 'payments');
  assert.equal(first.body.context.dependency_code, 'PROVIDER_UNAVAILABLE');
  assert.ok(first.headers.get('retry-after'));
  assert.equal(app.catalog.stock, stock);
  assert.equal((await get(first.body.context.order_id)).status, 'payment_failed');

  app.payments.answer = (charge) => charge();
  const second = await place(key);
  assert.equal(second.status, 201);
  assert.equal(second.body.id, first.body.context.order_id);
  assert.equal(second.body.error_code, null);
  assert.equal(app.catalog.stock, stock - 2);
  assert.deepEqual(
    app.catalog.reservations.map(({ attempt }) => attempt),
    [1, 2],
  );
});

const brokenAnswers: Record<string, TestApp['payments']['answer']> = {
  'says that it does not know': refuse(ERRORS.unknown),
  'fails without saying whether it charged': refuse(ERRORS.unavailable),
  'answers nonsense': () => new Response('<html>', { status: 201 }),
  'answers off the contract': () => Response.json({ error: 'oops' }, { status: 500 }),
  'never answers': () => new Promise<Response>(() => {}),
  'charges and then answers nonsense': (charge) => {
    charge();
    return new Response('{"order_id": "or', { status: 201 });
  },
};
for (const [name, answer] of Object.entries(brokenAnswers)) {
  test(`an order stays pending, with its stock, when payments ${name}`, async () => {
    const key = newKey();
    const stock = app.catalog.stock;
    app.payments.answer = answer;
    const first = await place(key);
    assert.equal(first.status, 504);
    assert.equal(first.body.error_code, 'PAYMENT_PENDING');
    const orderId = first.body.context.order_id;
    assert.equal((await get(orderId)).status, 'payment_pending');
    assert.equal(app.catalog.stock, stock - 2);
    assert.deepEqual(app.queued, [orderId]);

    app.payments.answer = (charge) => charge();
    const second = await place(key);
    assert.equal(second.status, 201);
    assert.equal(second.body.id, orderId);
    assert.equal(app.catalog.stock, stock - 2);
    assert.equal(app.catalog.reservations.length, 1);
  });
}

test('a client that prefers not to wait gets 202 and the pending order', async () => {
  app.payments.answer = refuse(ERRORS.unknown);
  const prefer = { prefer: 'wait=10, respond-async' };
  const { status, headers, body } = await place(newKey(), {}, prefer);
  assert.equal(status, 202);
  assert.equal(headers.get('preference-applied'), 'respond-async');
  assert.equal(headers.get('location'), `/orders/${body.id}`);
  assert.equal(body.status, 'payment_pending');
});

test('payments that cannot be reached charged nothing, unless it was asked before', async () => {
  const down = await makeTestApp();
  after(() => down.stop());
  const order = { user_id: 'user1', item_id: 'item1', quantity: 2 };
  const repeated = { body: order, headers: { 'idempotency-key': 'before' } };
  down.payments.answer = (charge) => {
    charge();
    return new Response('', { status: 201 });
  };
  await down.request('POST', '/orders', repeated);
  await down.payments.stop();

  const known = await down.request('POST', '/orders', { body: order });
  assert.equal(known.status, 503);
  assert.equal((await down.request('GET', '/orders?status=payment_failed')).body.total, 1);
  const unknown = await down.request('POST', '/orders', repeated);
  assert.equal(unknown.status, 504);
  assert.equal(unknown.body.error_code, 'PAYMENT_PENDING');
  assert.equal(down.catalog.stock, STOCK - 2);
});

test('an order whose client goes away while it is paid is not lost', async () => {
  const client = new AbortController();
  app.payments.answer = () => {
    client.abort();
    return new Promise<Response>(() => {});
  };
  const { status } = await app.request('POST', '/orders', {
    body: { user_id: 'user1', item_id: 'item1', quantity: 2 },
    signal: client.signal,
  });
  assert.equal(status, 499);
  const [orderId = ''] = app.queued;
  assert.equal((await get(orderId)).status, 'payment_pending');
  app.payments.answer = (charge) => charge();
  await app.reconciler.reconcile(orderId);
  assert.equal((await get(orderId)).status, 'paid');
});

test('an order fails when catalog does, and its stock is released later', async () => {
  const key = newKey();
  app.catalog.failure = ERRORS.unavailable;
  const first = await place(key);
  assert.equal(first.status, 503);
  assert.equal(first.body.context.dependency, 'catalog');
  const orderId = first.body.context.order_id;
  assert.equal((await get(orderId)).status, 'failed');
  assert.deepEqual(app.queued, [orderId]);
  assert.equal(app.payments.requests.length, 0);

  app.catalog.failure = undefined;
  assert.equal((await place(key)).status, 201);
});

test('a peer that refuses what we sent is our fault, not our client’s', async () => {
  app.catalog.failure = ERRORS.misunderstood;
  const { status, body } = await place(newKey());
  assert.equal(status, 502);
  assert.equal(body.context.dependency_code, 'VALIDATION_ERROR');
});

test('stock that cannot be given back at once is given back later', async () => {
  const stock = app.catalog.stock;
  app.payments.answer = () => {
    app.catalog.failure = ERRORS.unavailable;
    throw ERRORS.declined;
  };
  const orderId = (await place(newKey())).body.context.order_id;
  assert.equal(app.catalog.stock, stock - 2);
  assert.deepEqual(app.queued, [orderId]);

  await assert.rejects(app.reconciler.reconcile(orderId));
  app.catalog.failure = undefined;
  await app.reconciler.reconcile(orderId);
  assert.equal(app.catalog.stock, stock);
  assert.equal((await get(orderId)).status, 'rejected');
});

test('two requests never settle one order at once', async () => {
  const key = newKey();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  app.payments.answer = async (charge) => {
    asked.resolve();
    await goOn.promise;
    return charge();
  };
  const first = place(key);
  await asked.promise;
  const second = await place(key);
  assert.equal(second.status, 409);
  assert.equal(second.body.error_code, 'ORDER_IN_PROGRESS');
  goOn.resolve();
  assert.equal((await first).status, 201);
  assert.equal(app.payments.requests.length, 1);
});

test('whoever held an order for too long has lost it to the next, and writes nothing', async () => {
  const hasty = await makeTestApp({ leaseMs: 1 });
  after(() => hasty.stop());
  const order = { user_id: 'user1', item_id: 'item1', quantity: 2 };
  const repeated = { body: order, headers: { 'idempotency-key': 'slow' } };
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  hasty.payments.answer = async () => {
    asked.resolve();
    await goOn.promise;
    throw ERRORS.notCharged;
  };
  const slow = hasty.request('POST', '/orders', repeated);
  await asked.promise;
  hasty.payments.answer = (charge) => charge();
  const quick = await hasty.request('POST', '/orders', repeated);
  assert.equal(quick.status, 201);
  goOn.resolve();
  assert.equal((await slow).body.error_code, 'ORDER_IN_PROGRESS');
  const now = await hasty.request('GET', `/orders/${quick.body.id}`);
  assert.equal(now.body.status, 'paid');
  assert.equal(hasty.catalog.stock, STOCK - 2);
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ERRORS, makeTestApp, refuse, type TestApp } from '../test-app.ts';

let app: TestApp;

before(async () => {
  app = await makeTestApp();
});
beforeEach(() => app.reset());
after(() => app.stop());

const ORDER = { user_id: 'user1', item_id: 'item1', quantity: 1 };

test('lists orders by status, newest first', async () => {
  const first = (await app.request('POST', '/orders', { body: ORDER })).body;
  const second = (await app.request('POST', '/orders', { body: ORDER })).body;
  app.payments.answer = refuse(ERRORS.unknown);
  await app.request('POST', '/orders', { body: ORDER });

  const paid = (await app.request('GET', '/orders?status=paid')).body;
  assert.equal(paid.total, 2);
  assert.deepEqual(
    paid.orders.map(({ id }: { id: string }) => id),
    [second.id, first.id],
  );
  assert.equal((await app.request('GET', '/orders')).body.total, 3);
  const page = (await app.request('GET', '/orders?status=paid&limit=1&offset=1')).body;
  assert.deepEqual(page, { orders: [first], total: 2 });
});

test('lists and counts the orders of one user', async () => {
  const body = { ...ORDER, user_id: 'user-of-two' };
  for (let i = 0; i < 2; i++) await app.request('POST', '/orders', { body });
  const { body: answer } = await app.request('GET', '/orders?user_id=user-of-two&limit=1');
  assert.equal(answer.total, 2);
  assert.deepEqual(
    answer.orders.map(({ user_id }: { user_id: string }) => user_id),
    ['user-of-two'],
  );
  assert.equal((await app.request('GET', '/orders?user_id=nobody')).body.total, 0);
  assert.equal((await app.request('GET', '/orders?user_id=a%20b')).status, 422);
});

test('an order tells who placed it, or that nobody could be asked', async () => {
  const { id, ...placed } = (await app.request('POST', '/orders', { body: ORDER })).body;
  const asked = (await app.request('GET', `/orders/${id}`)).body;
  const user = { name: 'Ann', status: 'known', source: 'primary' };
  assert.deepEqual(asked, { id, ...placed, user });
  app.users.answer = () => new Response('{', { status: 500 });
  const { status, body } = await app.request('GET', `/orders/${id}`);
  assert.equal(status, 200);
  assert.deepEqual(body.user, { name: 'Ann', status: 'known', source: 'cache' });
});

test('answers an unknown order with 404', async () => {
  const { status, body } = await app.request('GET', '/orders/nothing');
  assert.equal(status, 404);
  assert.equal(body.error_code, 'ORDER_NOT_FOUND');
});

test('refuses what does not fit the schema', async () => {
  const bad: [object, Record<string, string>][] = [
    [{ ...ORDER, quantity: 0 }, {}],
    [{ ...ORDER, quantity: 101 }, {}],
    [{ ...ORDER, user_id: '' }, {}],
    [{ ...ORDER, surprise: true }, {}],
    [{ item_id: 'item1', quantity: 1 }, {}],
    [ORDER, { 'idempotency-key': 'has spaces in it' }],
    [ORDER, { 'idempotency-key': 'x'.repeat(129) }],
  ];
  for (const [body, headers] of bad) {
    const answer = await app.request('POST', '/orders', { body, headers });
    assert.equal(answer.status, 422, JSON.stringify([body, headers]));
  }
  assert.equal((await app.request('GET', '/orders?status=lost')).status, 422);
  assert.equal((await app.request('GET', '/orders?limit=101')).body.error_code, 'LIMIT_TOO_LARGE');
  assert.equal(app.catalog.reservations.length, 0);
});

test('tells the errors of placing an order', async () => {
  const { paths } = (await app.request('GET', '/openapi.json')).body;
  const { responses } = paths['/orders'].post;
  assert.match(
    responses['409'].description,
    /INSUFFICIENT_STOCK.*PAYMENT_DECLINED.*IDEMPOTENCY_KEY_REUSED.*ORDER_IN_PROGRESS/,
  );
  assert.match(responses['504'].description, /PAYMENT_PENDING/);
  assert.match(responses['404'].description, /ITEM_NOT_FOUND/);
});

test('counts how orders end, every status present from the start', async () => {
  app.payments.answer = refuse(ERRORS.declined);
  const series = async (name: string) =>
    Number((await app.registry.metrics()).match(new RegExp(`^${name} (\\d+)`, 'm'))?.[1]);
  const declined = 'orders_settled_total\\{status="rejected",settled_by="request"\\}';
  const before = await series(declined);
  await app.request('POST', '/orders', { body: ORDER });
  assert.equal(await series(declined), before + 1);
  assert.equal(
    await series('orders_settled_total\\{status="failed",settled_by="reconciler"\\}'),
    0,
  );
});

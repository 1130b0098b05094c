import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import { type Database, openDatabase } from '@breakwater/kit';
import { VirtualClock } from '@breakwater/resilience/testing';
import { type Requester, requester, testTelemetry } from '@breakwater/testing';
import { createApp } from './app.ts';

let postgres: TemporaryPostgres;
let database: Database;
let request: Requester;
let operate: Requester;

before(async () => {
  postgres = await temporaryPostgres();
  const { logger, registry } = testTelemetry();
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  database = await openDatabase({ url: postgres.url, schema: {}, migrations, logger });
  const { app, operations } = createApp({ database, logger, registry, clock: new VirtualClock() });
  request = requester(app);
  operate = requester(operations);
});

after(async () => {
  await database.close();
  await postgres.stop();
});

const reserve = (orderId: string, itemId: string, quantity: number, attempt = 1) =>
  request('POST', '/reservations', {
    body: { order_id: orderId, item_id: itemId, quantity, attempt },
  });
const release = (orderId: string, attempt = 1) =>
  request('DELETE', `/reservations/${orderId}?attempt=${attempt}`);
const stockOf = async (id: string) => (await request('GET', `/items/${id}`)).body.stock;

test('lists items by id, a page at a time', async () => {
  const { status, body } = await request('GET', '/items?limit=1&offset=1');
  assert.equal(status, 200);
  assert.equal(body.total, 3);
  assert.deepEqual(
    body.items.map((item: { id: string }) => item.id),
    ['item2'],
  );
});

test('tells an item with its price and stock', async () => {
  assert.deepEqual((await request('GET', '/items/item1')).body, {
    id: 'item1',
    name: 'Health Potion',
    price_cents: 500,
    currency: 'EUR',
    stock: 1_000_000,
  });
});

test('answers an unknown item with 404 and the item in the context', async () => {
  const { status, body } = await request('GET', '/items/nothing');
  assert.equal(status, 404);
  assert.equal(body.error_code, 'ITEM_NOT_FOUND');
  assert.deepEqual(body.context, { resource: 'item', identifier: 'nothing' });
});

test('tells a limit that is too large from one that is no number', async () => {
  const large = await request('GET', '/items?limit=1000');
  assert.equal(large.status, 400);
  assert.equal(large.body.error_code, 'LIMIT_TOO_LARGE');
  assert.deepEqual(large.body.context, { limit: 1000, maximum: 100 });
  for (const query of ['limit=many', 'limit=0', 'offset=-1', 'page=2']) {
    assert.equal((await request('GET', `/items?${query}`)).status, 422, query);
  }
});

test('a reservation takes stock once, however often it is asked for', async () => {
  const before = await stockOf('item1');
  const first = await reserve('order-1', 'item1', 3);
  const second = await reserve('order-1', 'item1', 3);
  assert.equal(first.status, 201);
  assert.equal(second.status, 200);
  assert.deepEqual(second.body, first.body);
  assert.equal(first.body.unit_price_cents, 500);
  assert.equal(await stockOf('item1'), before - 3);
  assert.deepEqual((await request('GET', '/reservations/order-1')).body, first.body);
});

test('a release gives stock back once, and the order may reserve anew', async () => {
  const before = await stockOf('item1');
  await reserve('order-2', 'item1', 5);
  assert.equal((await release('order-2')).status, 204);
  assert.equal((await release('order-2')).status, 204);
  assert.equal(await stockOf('item1'), before);
  assert.equal((await reserve('order-2', 'item1', 5, 2)).status, 201);
  assert.equal(await stockOf('item1'), before - 5);
});

test('a reservation that arrives after its release takes nothing', async () => {
  const before = await stockOf('item1');
  await release('order-3');
  const late = await reserve('order-3', 'item1', 5);
  assert.equal(late.status, 409);
  assert.equal(late.body.error_code, 'RESERVATION_ABANDONED');
  assert.equal(await stockOf('item1'), before);
  assert.equal((await request('GET', '/reservations/order-3')).status, 404);
});

test('a release that arrives after a later attempt has reserved gives nothing back', async () => {
  await reserve('order-4', 'item1', 1, 2);
  const before = await stockOf('item1');
  assert.equal((await release('order-4', 1)).status, 204);
  assert.equal(await stockOf('item1'), before);
  assert.equal((await request('GET', '/reservations/order-4')).body.status, 'reserved');
});

test('more than there is cannot be reserved, and nothing remains of the try', async () => {
  const { status, body } = await reserve('order-5', 'item2', 10);
  assert.equal(status, 409);
  assert.equal(body.error_code, 'INSUFFICIENT_STOCK');
  assert.deepEqual(body.context, { item_id: 'item2', requested: 10, available: 2 });
  assert.equal(await stockOf('item2'), 2);
  assert.equal((await request('GET', '/reservations/order-5')).status, 404);
});

test('an order cannot reserve another item or quantity', async () => {
  await reserve('order-6', 'item1', 1);
  assert.equal((await reserve('order-6', 'item1', 2)).body.error_code, 'RESERVATION_MISMATCH');
  assert.equal((await reserve('order-6', 'item3', 1)).body.error_code, 'RESERVATION_MISMATCH');
});

test('many orders at once never take more than there is', async () => {
  const orders = Array.from({ length: 20 }, (_, i) => `crowd-${i}`);
  const answers = await Promise.all(orders.map((order) => reserve(order, 'item2', 1)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 2);
  assert.equal(answers.filter(({ status }) => status === 409).length, 18);
  assert.equal(await stockOf('item2'), 0);
});

test('the same reservation many times at once takes stock once', async () => {
  const before = await stockOf('item3');
  const answers = await Promise.all(Array.from({ length: 8 }, () => reserve('twin', 'item3', 2)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 200).length, 7);
  assert.equal(await stockOf('item3'), before - 2);
});

test('refuses what does not fit the schema', async () => {
  const good = { order_id: 'order-7', item_id: 'item1', quantity: 1, attempt: 1 };
  const bad = [
    { ...good, quantity: 0 },
    { ...good, quantity: 101 },
    { ...good, quantity: 1.5 },
    { ...good, order_id: 'no spaces' },
    { ...good, surprise: true },
    { ...good, attempt: undefined },
  ];
  for (const body of bad) {
    assert.equal(
      (await request('POST', '/reservations', { body })).status,
      422,
      JSON.stringify(body),
    );
  }
});

test('every operation tells its errors', async () => {
  const { paths } = (await request('GET', '/openapi.json')).body;
  assert.match(paths['/reservations'].post.responses['409'].description, /INSUFFICIENT_STOCK/);
  assert.match(paths['/items'].get.responses['400'].description, /LIMIT_TOO_LARGE/);
  assert.match(paths['/items/{id}'].get.responses['404'].description, /ITEM_NOT_FOUND/);
});

test('is not ready while its database does not answer', async () => {
  assert.equal((await operate('GET', '/readyz')).status, 200);
  const broken = createApp({
    ...testTelemetry(),
    database: { ...database, ping: () => Promise.reject(new Error('down')) },
  });
  assert.equal((await requester(broken.operations)('GET', '/readyz')).status, 503);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ITEMS, makeTestApp } from '../test-app.ts';

test('while catalog is unhealthy the gateway lists the last good items, and says so', async (t) => {
  const { request, catalog, resilience, stop } = await makeTestApp({
    errorRate: { size: 20, minimumRequests: 10 },
  });
  t.after(stop);
  const list = (path = '/items') => request('GET', path);
  assert.deepEqual((await list()).body, ITEMS);
  assert.deepEqual((await list('/items?limit=1')).body, ITEMS);

  catalog.fails = () => true;
  resilience.find('catalog')?.isolate({ by: 'test', why: 'to answer at once', forMs: 60_000 });
  for (let i = 0; i < 8; i++) assert.equal((await list('/items/item1')).status, 503);
  const degraded = await Promise.all([list(), list('/items?limit=1'), list('/items?limit=1')]);
  for (const { status, headers, body } of degraded) {
    assert.deepEqual([status, headers.get('x-degraded'), body], [200, 'true', ITEMS]);
  }
  const unasked = await list('/items?limit=2');
  assert.equal(unasked.status, 503, 'a page nobody has asked for is not there');
  assert.equal((await list('/items/item1')).status, 503, 'one item is told as it is');

  resilience.find('catalog')?.release({ by: 'test', why: 'it is back' });
  catalog.fails = () => false;
  for (let i = 0; i < 20; i++) assert.equal((await list('/items/item1')).status, 200);
  const fresh = await list();
  assert.deepEqual([fresh.status, fresh.headers.get('x-degraded')], [200, null]);
});

test('orders that fail make no list of items stale', async (t) => {
  const { request, operate, resilience, stop } = await makeTestApp({
    errorRate: { size: 20, minimumRequests: 10 },
  });
  t.after(stop);
  await request('GET', '/items');
  resilience.find('orders')?.isolate({ by: 'test', why: 'to fail', forMs: 60_000 });
  const order = { user_id: 'u1', item_id: 'item1', quantity: 1 };
  for (let i = 0; i < 30; i++) {
    const headers = { 'idempotency-key': `k${i}` };
    assert.equal((await request('POST', '/orders', { body: order, headers })).status, 503);
  }
  for (let i = 0; i < 5; i++) {
    const { status, headers } = await request('GET', '/items');
    assert.deepEqual([status, headers.get('x-degraded')], [200, null]);
  }
  const { body } = await operate('GET', '/readyz?verbose');
  assert.equal(body.dependencies.orders.is_unhealthy, true);
  assert.equal(body.degraded.active, false);
});

test('the mode is declared', async (t) => {
  const { request, operate, stop } = await makeTestApp();
  t.after(stop);
  const { body } = await operate('GET', '/readyz?verbose');
  assert.equal(body.degraded.active, false);
  assert.match(body.degraded.mode, /last good list/);
  const { paths } = (await request('GET', '/openapi.json')).body;
  assert.match(paths['/items'].get.description, /X-Degraded/);
});

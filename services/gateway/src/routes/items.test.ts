import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ITEMS, makeTestApp } from '../test-app.ts';

test('an unhealthy gateway lists the last good items, and says so', async (t) => {
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

test('the mode is declared', async (t) => {
  const { request, stop } = await makeTestApp();
  t.after(stop);
  const { body } = await request('GET', '/readyz?verbose');
  assert.equal(body.degraded.active, false);
  assert.match(body.degraded.mode, /last good list/);
  const { paths } = (await request('GET', '/openapi.json')).body;
  assert.match(paths['/items'].get.description, /X-Degraded/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderHeaders, orderRequest, prefersAsync } from './orders-v1.ts';

test('reads respond-async wherever it stands in Prefer', () => {
  for (const prefer of ['respond-async', 'wait=5, Respond-Async', 'respond-async; foo=1']) {
    assert.equal(prefersAsync(prefer), true, prefer);
  }
  for (const prefer of [
    undefined,
    '',
    'respond-async-later',
    'return=minimal',
    'x=respond-async',
  ]) {
    assert.equal(prefersAsync(prefer), false, String(prefer));
  }
});

test('an order is strict about its fields, and lenient about headers it does not know', () => {
  const order = { user_id: 'user1', item_id: 'item1', quantity: 100 };
  assert.equal(orderRequest.safeParse(order).success, true);
  for (const change of [{ quantity: 101 }, { quantity: 0.5 }, { user_id: 'ü' }, { note: 'hi' }]) {
    assert.equal(orderRequest.safeParse({ ...order, ...change }).success, false);
  }
  assert.equal(orderHeaders.safeParse({ 'x-other': 'y'.repeat(500) }).success, true);
  assert.equal(orderHeaders.safeParse({ 'idempotency-key': '' }).success, false);
});

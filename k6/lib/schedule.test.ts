import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedule } from './schedule.ts';

const WEIGHTS = { browse: 40, order: 25, status: 10, rare: 1 };

test('every name comes as often as its weight says', () => {
  const turns = schedule(WEIGHTS);
  const groups = Map.groupBy(turns, (name) => name);
  const counts = Object.fromEntries([...groups].map(([name, group]) => [name, group.length]));
  assert.deepEqual(counts, WEIGHTS);
});

test('any stretch has nearly the whole mix', () => {
  const turns = schedule(WEIGHTS);
  for (let from = 0; from + 19 <= turns.length; from++) {
    const orders = turns.slice(from, from + 19).filter((name) => name === 'order').length;
    assert.ok(orders >= 5 && orders <= 8, `${orders} orders in 19 turns from ${from}`);
  }
});

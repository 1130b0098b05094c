import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stretchesOf } from './sparkline.ts';

test('neighbours of the same state are one stretch, up to the end of the range', () => {
  const points = [
    { timeMs: 0, state: 'closed' },
    { timeMs: 20, state: 'closed' },
    { timeMs: 50, state: 'open' },
  ];
  assert.deepEqual(stretchesOf(points, { fromMs: 0, toMs: 100 }), [
    { from: 0, to: 0.5, state: 'closed' },
    { from: 0.5, to: 1, state: 'open' },
  ]);
});

test('a range without length has numbers for shares', () => {
  const [stretch] = stretchesOf([{ timeMs: 7, state: 'open' }], { fromMs: 7, toMs: 7 });
  assert.deepEqual(stretch, { from: 0, to: 0, state: 'open' });
});

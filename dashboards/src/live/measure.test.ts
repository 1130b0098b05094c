import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totals } from './measure.ts';

const range = { fromS: 100, toS: 115 };
const curve = (points: [number, number][]) => ({ labels: {}, points });

test('curves are summed up at each moment, and a moment without any is 0', () => {
  const curves = [
    curve([
      [105, 1],
      [110, 2],
    ]),
    curve([[110, 3]]),
  ];
  assert.deepEqual(totals(curves, range), [1, 5, 0, 0]);
});

test('without any curve the sum is 0', () => {
  assert.deepEqual(totals([], range), [0]);
});

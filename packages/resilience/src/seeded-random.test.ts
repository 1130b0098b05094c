import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './seeded-random.ts';

const take = (seed: number, count: number) => Array.from({ length: count }, seededRandom(seed));

test('the same seed gives the same sequence, another seed another one', () => {
  assert.deepEqual(take(1, 5), take(1, 5));
  assert.notDeepEqual(take(1, 5), take(2, 5));
});

test('numbers are spread evenly over [0, 1)', () => {
  const numbers = take(42, 10_000);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  for (const bound of [0.1, 0.5, 0.9]) {
    const share = numbers.filter((number) => number < bound).length / numbers.length;
    assert.ok(Math.abs(share - bound) < 0.02, `${share} of all numbers are below ${bound}`);
  }
});

test('the sequence is the published one, so that a seed in a report stays meaningful', () => {
  assert.deepEqual(
    take(0, 2).map((number) => Math.round(number * 2 ** 32)),
    [1144304738, 1416247],
  );
});

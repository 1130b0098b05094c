import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

test('allows a share of the calls of the window, on top of a floor', () => {
  const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 0.1, windowMs: 10_000 });
  for (let i = 0; i < 10; i++) budget.called(1_000);
  assert.equal(budget.remaining(1_000), 3);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => budget.tryRetry(1_000)),
    [true, true, true, false],
  );
  assert.equal(budget.remaining(11_000), 1, 'the floor alone is left when the calls are gone');
});

test('a ratio of 0 without a floor allows nothing', () => {
  const budget = new RetryBudget({ ratio: 0, minPerSecond: 0 });
  budget.called(1);
  assert.equal(budget.tryRetry(1), false);
});

test('is never over its ratio: allows none above it in its window, and keeps it in the long run', () => {
  const options = fc.record({
    ratio: fc.constantFrom(0, 0.1, 0.2, 0.5, 1, 2),
    minPerSecond: fc.constantFrom(0, 0.1, 1, 5),
    windowMs: fc.constantFrom(1_000, 10_000),
  });
  const step = fc.record({
    ms: fc.oneof(fc.constant(0), fc.nat({ max: 300 }), fc.constantFrom(999, 10_000, 3_600_000)),
    calls: fc.nat({ max: 5 }),
    retries: fc.nat({ max: 10 }),
  });
  let allowedInAll = 0;
  let deniedInAll = 0;
  fc.assert(
    fc.property(options, fc.array(step, { maxLength: 50 }), (given, steps) => {
      const budget = new RetryBudget(given);
      const floor = (given.minPerSecond * given.windowMs) / 1_000;
      const slice = given.windowMs / 10;
      const calls: number[] = [];
      const retries: number[] = [];
      const start = 7_000;
      let now = start;
      for (const { ms, ...wanted } of steps) {
        now += ms;
        for (let i = 0; i < wanted.calls; i++) {
          budget.called(now);
          calls.push(now);
        }
        for (let i = 0; i < wanted.retries; i++) {
          const allowed = budget.tryRetry(now);
          if (allowed) retries.push(now);
          if (allowed) allowedInAll++;
          else deniedInAll++;
          const held = (all: number[]) =>
            all.filter((at) => Math.floor(at / slice) > Math.floor(now / slice) - 10).length;
          const limit = floor + given.ratio * held(calls);
          assert.ok(!allowed || held(retries) <= limit, 'allowed over the ratio');
          assert.ok(allowed || held(retries) + 1 > limit, 'denied within the ratio');
        }
      }
      const windows = Math.ceil((now - start) / given.windowMs) + 1;
      assert.ok(retries.length <= given.ratio * calls.length + floor * windows, 'in the long run');
    }),
    { numRuns: 2_000 },
  );
  assert.ok(allowedInAll > 1_000 && deniedInAll > 1_000, 'both answers were generated');
});

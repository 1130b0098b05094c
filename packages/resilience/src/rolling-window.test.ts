import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RollingWindow } from './rolling-window.ts';

test('counts what the window holds and forgets what has left it', () => {
  const share = new RollingWindow(1_000);
  share.count(5_000);
  share.count(5_950);
  share.mark(5_950);
  assert.deepEqual([share.counted(5_950), share.marked(5_950)], [2, 1]);
  assert.deepEqual([share.counted(6_000), share.marked(6_000)], [1, 1]);
  assert.deepEqual([share.counted(6_899), share.counted(6_900)], [1, 0]);
});

test('agrees with a list of all times, whatever the clock does', () => {
  const step = fc.record({
    ms: fc.oneof(fc.nat({ max: 150 }), fc.nat({ max: 5_000 }), fc.constant(3_600_000)),
    what: fc.constantFrom('count' as const, 'mark' as const, 'look' as const),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const share = new RollingWindow(1_000);
      const times = { count: [] as number[], mark: [] as number[] };
      let now = 12_345;
      for (const { ms, what } of steps) {
        now += ms;
        if (what !== 'look') {
          share[what](now);
          times[what].push(now);
        }
        const held = (all: number[]) =>
          all.filter((at) => Math.floor(at / 100) > Math.floor(now / 100) - 10).length;
        assert.equal(share.counted(now), held(times.count));
        assert.equal(share.marked(now), held(times.mark));
      }
    }),
    { numRuns: 1_000 },
  );
});

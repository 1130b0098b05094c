import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeasedFault, LeasedFaults } from './leased-faults.ts';

/** A clock that moves when it is told to. */
function testClock() {
  let now = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((wake) => {
        sleepers.push({ at: now + ms, wake });
        signal.addEventListener('abort', () => wake());
      }),
    async advance(ms: number) {
      now += ms;
      for (const { at, wake } of sleepers) if (at <= now) wake();
      await new Promise(setImmediate);
    },
  };
}

test('a lease ends by itself, and one that is renewed ends later', async () => {
  const clock = testClock();
  const faults = new LeasedFaults(clock, (r: { rate: number; for_s: number }, now) => {
    return new LeasedFault(r, now, () => 0);
  });
  const kept = faults.start({ rate: 1, for_s: 10 });
  const left = faults.start({ rate: 1, for_s: 10 });
  await clock.advance(6_000);
  assert.ok(faults.renewLease(kept.id, 10));
  await clock.advance(4_000);
  assert.deepEqual(faults.active, [kept]);
  assert.equal(left.ended.aborted, true);
  assert.equal(faults.renewLease(left.id, 10), undefined);
  await clock.advance(6_000);
  assert.deepEqual(faults.active, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/index.ts';
import { SamplingTrip } from './sampling-trip.ts';

test('a share of failures at the threshold trips, for every threshold in per cent', () => {
  for (let percent = 1; percent <= 100; percent++) {
    const threshold = percent / 100;
    const options = { kind: 'sampling', windowMs: 1_000, threshold, minimumCalls: 100 } as const;
    const trip = new SamplingTrip(options, new VirtualClock());
    for (let call = percent; call < 100; call++) trip.success();
    for (let call = 1; call < percent; call++) assert.equal(trip.failure(), false);
    assert.equal(trip.failure(), true, `${percent} of 100 at ${threshold}`);
  }
});

test('with fewer calls than the minimum it does not trip', () => {
  const options = { kind: 'sampling', windowMs: 1_000, threshold: 0.5, minimumCalls: 3 } as const;
  const trip = new SamplingTrip(options, new VirtualClock());
  assert.deepEqual([trip.failure(), trip.failure(), trip.failure()], [false, false, true]);
});

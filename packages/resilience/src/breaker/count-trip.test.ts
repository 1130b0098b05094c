import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CountTrip } from './count-trip.ts';

test('agrees with a list of the last calls, at the threshold too', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.boolean(), { maxLength: 120 }),
      (size, percent, results) => {
        const minimumCalls = Math.ceil(size / 2);
        const trip = new CountTrip({ kind: 'count', size, threshold: percent / 100, minimumCalls });
        let list: boolean[] = [];
        for (const failed of results) {
          list = [...list, failed].slice(-size);
          const failures = list.filter(Boolean).length;
          if (failed) {
            const expected = list.length >= minimumCalls && failures * 100 >= percent * list.length;
            assert.equal(trip.failure(), expected, `${failures} of ${list.length}, ${percent} %`);
          } else trip.success();
          assert.equal(trip.failures, failures);
        }
      },
    ),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IterableBackoff } from 'cockatiel';
import { startBackoff } from './backoff.ts';

const take = (waits: (error: unknown) => number, count: number) =>
  Array.from({ length: count }, () => waits(new Error('down')));

test('doubles up to its maximum', () => {
  const waits = startBackoff({ initialMs: 100, maxMs: 500, jitter: 'none' }, Math.random);
  assert.deepEqual(take(waits, 5), [100, 200, 400, 500, 500]);
});

test('full jitter goes down to nothing, half jitter down to a half', () => {
  const options = { initialMs: 100, maxMs: 500 };
  assert.deepEqual(
    take(
      startBackoff(options, () => 0),
      3,
    ),
    [0, 0, 0],
  );
  assert.deepEqual(
    take(
      startBackoff({ ...options, jitter: 'half' }, () => 0),
      3,
    ),
    [50, 100, 200],
  );
  assert.deepEqual(
    take(
      startBackoff({ ...options, jitter: 'full' }, () => 0.5),
      2,
    ),
    [50, 100],
  );
  assert.deepEqual(
    take(
      startBackoff({ ...options, jitter: 'half' }, () => 0.5),
      2,
    ),
    [75, 150],
  );
});

test('takes any backoff of cockatiel, anew for each call', () => {
  const backoff = new IterableBackoff([7, 70]);
  for (let call = 0; call < 2; call++) {
    assert.deepEqual(take(startBackoff(backoff, Math.random), 3), [7, 70, 70]);
  }
});

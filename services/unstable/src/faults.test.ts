import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultRequest, faultRequest } from './fault.ts';
import { Faults } from './faults.ts';
import { TestClock } from './test-app.ts';

const request = (fields: Partial<FaultRequest>): FaultRequest =>
  faultRequest.parse({ route: 'POST /charges', kind: 'status', ...fields });

test('a fault strikes its own route only', () => {
  const faults = new Faults(new TestClock(), () => 0);
  faults.add(request({}));
  assert.equal(faults.draw('POST /charges').length, 1);
  assert.equal(faults.draw('POST /deliveries').length, 0);
  assert.equal(faults.list()[0]?.requests, 1);
});

test('a fault for one amount strikes, and counts, requests for that amount only', () => {
  const faults = new Faults(new TestClock(), () => 0);
  faults.add(request({ amount_cents: 700 }));
  assert.equal(faults.draw('POST /charges', 500).length, 0);
  assert.equal(faults.draw('POST /charges').length, 0);
  assert.equal(faults.draw('POST /charges', 700).length, 1);
  assert.equal(faults.list()[0]?.requests, 1);
  assert.equal(faults.list()[0]?.amount_cents, 700);
});

test('a fault ends by itself after for_s seconds, and not before', async () => {
  const clock = new TestClock();
  const faults = new Faults(clock, () => 0);
  const { expires_at } = faults.add(request({ for_s: 60 }));
  const [held] = faults.draw('POST /charges');
  assert.equal(expires_at, '2026-01-01T00:01:00.000Z');
  await clock.advance(59_999);
  assert.equal(faults.list().length, 1);
  await clock.advance(1);
  assert.deepEqual(faults.list(), []);
  assert.equal(held?.ended.aborted, true, 'a request it holds learns that it is over');
});

test('a lease that is renewed starts anew, however often', async () => {
  const clock = new TestClock();
  const faults = new Faults(clock, () => 0);
  const { id } = faults.add(request({ for_s: 10 }));
  await clock.advance(6_000);
  assert.equal(faults.renew(id, 10)?.expires_at, '2026-01-01T00:00:16.000Z');
  await clock.advance(9_999);
  assert.equal(faults.list().length, 1);
  await clock.advance(1);
  assert.deepEqual(faults.list(), []);
  assert.equal(faults.renew(id, 10), undefined);
});

test('the rate decides how many requests are struck', () => {
  let chance = 0;
  const faults = new Faults(new TestClock(), () => chance);
  faults.add(request({ rate: 0.5 }));
  chance = 0.49;
  assert.equal(faults.draw('POST /charges').length, 1);
  chance = 0.5;
  assert.equal(faults.draw('POST /charges').length, 0);
});

test('a seed makes the sequence of hits repeatable', () => {
  const hits = (seed: number) => {
    const faults = new Faults(new TestClock(), Math.random);
    faults.add(request({ rate: 0.5, seed }));
    return Array.from({ length: 40 }, () => faults.draw('POST /charges').length).join('');
  };
  assert.equal(hits(1), hits(1));
  assert.notEqual(hits(1), hits(2));
});

test('several faults are active at once; one or all can be ended', () => {
  const faults = new Faults(new TestClock(), () => 0);
  const first = faults.add(request({}));
  faults.add(request({ kind: 'latency' }));
  faults.add(request({ kind: 'abort' }));
  assert.equal(faults.draw('POST /charges').length, 3);
  assert.equal(faults.remove(first.id), true);
  assert.equal(faults.remove(first.id), false);
  assert.deepEqual(
    faults.list().map(({ kind }) => kind),
    ['latency', 'abort'],
  );
  faults.clear();
  assert.deepEqual(faults.list(), []);
});

test('status and latency strike before the work, the others after it, unless told otherwise', () => {
  const when = (fields: Partial<FaultRequest>) =>
    new Faults(new TestClock(), () => 0).add(request(fields)).when;
  assert.equal(when({ kind: 'status' }), 'before');
  assert.equal(when({ kind: 'latency' }), 'before');
  assert.equal(when({ kind: 'abort' }), 'after');
  assert.equal(when({ kind: 'malformed' }), 'after');
  assert.equal(when({ kind: 'hang' }), 'after');
  assert.equal(when({ kind: 'hang', when: 'before' }), 'before');
});

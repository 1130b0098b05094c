/**
 * The twelve ways in which cockatiel 4.0.0 reports or decides what is not so. Each was reproduced
 * against cockatiel; each test here is named after one and would fail with cockatiel's own piece.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DependencyTimeoutError,
  DependencyUnavailableError,
  RequestCancelledError,
} from '@breakwater/errors';
import { BulkheadFullError, CircuitIsolatedError, CircuitOpenError } from './errors.ts';
import { METRICS } from './names.ts';
import type { DependencyOptions } from './options.ts';
import {
  assertOutcomes,
  assertTransitions,
  metricValue,
  ScriptedDependency,
  settle,
  testResilience,
} from './testing/index.ts';

const down = () => new DependencyUnavailableError('catalog');

function setUp(options: DependencyOptions, listeners: Parameters<typeof testResilience>[0] = {}) {
  const telemetry = testResilience(listeners);
  const catalog = telemetry.resilience.dependency('catalog', options);
  const provider = new ScriptedDependency<string>(telemetry.clock, [{ value: 'item' }]);
  return { ...telemetry, telemetry, catalog, provider };
}

const THREE_FAILURES: DependencyOptions = {
  retry: false,
  breaker: { trip: { kind: 'consecutive', failures: 3 }, openMs: 1_000 },
};

test('trap 1: a listener that throws, or rejects, changes no outcome', async () => {
  const boom = () => {
    throw new Error('listener');
  };
  const { catalog, provider, telemetry, clock, registry } = setUp(THREE_FAILURES, {
    listeners: [
      { onCall: boom, onAttempt: boom, onTransition: boom, onRejection: boom, onRetry: boom },
      { onCall: async () => boom(), onAttempt: async () => boom() },
    ],
  });
  for (let i = 0; i < 5; i++) assert.equal(await catalog.execute(provider.call), 'item');
  assert.equal(catalog.breakers()[0]?.state, 'closed');
  provider.script([{ error: down }]);
  for (let i = 0; i < 3; i++) {
    await assert.rejects(catalog.execute(provider.call), DependencyUnavailableError);
  }
  await assert.rejects(catalog.execute(provider.call), CircuitOpenError);
  provider.script([{ value: 'item' }]);
  await clock.advance(1_000);
  assert.equal(await catalog.execute(provider.call), 'item');
  await settle();
  await assertOutcomes(telemetry, 'catalog', { success: 6, failure: 3, rejected: 1 });
  await assertTransitions(telemetry, 'catalog', [
    'closed>open',
    'open>half_open',
    'half_open>closed',
  ]);
  // 10 calls, 9 attempts, 3 transitions and 1 rejection threw; 10 calls and 9 attempts rejected.
  assert.equal(await metricValue(registry, METRICS.listenerErrors), 42);
});

test('trap 2: what passes the bulkhead is reported, successes and failures', async () => {
  const { catalog, provider, events } = setUp({
    ...THREE_FAILURES,
    bulkhead: { concurrent: 1, queue: 1 },
  });
  provider.script([{ value: 'item' }, { error: down }]);
  await Promise.allSettled([catalog.execute(provider.call), catalog.execute(provider.call)]);
  assert.deepEqual(
    events.attempts.map(({ outcome }) => outcome),
    ['success', 'failure'],
  );
});

test('trap 3: after an idle hour the failures of the hour before no longer count', async () => {
  const { catalog, provider, clock } = setUp({
    retry: false,
    breaker: { trip: { kind: 'sampling', windowMs: 10_000, threshold: 0.5, minimumCalls: 10 } },
  });
  provider.script([{ error: down }]);
  for (let i = 0; i < 9; i++) await assert.rejects(catalog.execute(provider.call));
  await clock.advance(3_600_000);
  for (let i = 0; i < 9; i++) await assert.rejects(catalog.execute(provider.call));
  assert.deepEqual(catalog.breakers()[0], {
    name: 'catalog',
    state: 'closed',
    failures: 9,
    retryAfterMs: 0,
  });
  await assert.rejects(catalog.execute(provider.call));
  assert.equal(catalog.breakers()[0]?.state, 'open');
});

test('trap 4: a half-open circuit refuses excess callers at once instead of queueing them', async () => {
  const { catalog, provider, clock } = setUp(THREE_FAILURES);
  provider.script([{ error: down }]);
  for (let i = 0; i < 3; i++) await assert.rejects(catalog.execute(provider.call));
  await clock.advance(1_000);
  provider.script(['hang']);
  const probe = catalog.execute(provider.call);
  const excess = Array.from({ length: 100 }, () => catalog.execute(provider.call));
  for (const refused of await Promise.allSettled(excess)) {
    assert.ok(refused.status === 'rejected' && refused.reason instanceof CircuitOpenError);
  }
  assert.equal(provider.active, 1);
  await Promise.all([assert.rejects(probe, DependencyTimeoutError), clock.advance(2_000)]);
});

test('trap 5: the late failure of a call begun while closed does not reopen a half-open circuit', async () => {
  const { catalog, provider, clock } = setUp({ ...THREE_FAILURES, timeoutMs: 60_000 });
  provider.script([{ error: down, afterMs: 1_500 }]);
  const late = catalog.execute(provider.call);
  provider.script([{ error: down }]);
  for (let i = 0; i < 3; i++) await assert.rejects(catalog.execute(provider.call));
  await clock.advance(1_000);
  provider.script([{ value: 'item', afterMs: 1_000 }]);
  const probe = catalog.execute(provider.call);
  await Promise.all([assert.rejects(late, DependencyUnavailableError), clock.advance(500)]);
  assert.equal(catalog.breakers()[0]?.state, 'half_open');
  await clock.advance(500);
  assert.equal(await probe, 'item');
  assert.equal(catalog.breakers()[0]?.state, 'closed');
});

test('trap 6: a caller that goes away is cancelled: no timeout, and nothing against the circuit', async () => {
  const { catalog, provider, telemetry, clock } = setUp(THREE_FAILURES);
  provider.script(['hang']);
  for (let i = 0; i < 10; i++) {
    const caller = new AbortController();
    const calling = catalog.execute(provider.call, { signal: caller.signal });
    await clock.advance(10);
    caller.abort();
    await assert.rejects(calling, RequestCancelledError);
  }
  await settle();
  assert.equal(provider.active, 0);
  assert.equal(catalog.breakers()[0]?.failures, 0);
  await assertOutcomes(telemetry, 'catalog', { cancelled: 10 });
});

test('trap 7: a caller that goes away ends the wait for a retry, and there is no further attempt', async () => {
  const { catalog, provider, clock } = setUp({
    idempotent: true,
    retry: { attempts: 3, backoff: { initialMs: 10_000, maxMs: 10_000, jitter: 'none' } },
  });
  provider.script([{ error: down }]);
  const caller = new AbortController();
  const calling = catalog.execute(provider.call, { signal: caller.signal });
  await clock.advance(5_000);
  caller.abort();
  await assert.rejects(calling, RequestCancelledError);
  await clock.advance(60_000);
  assert.equal(provider.seen.length, 1);
  assert.equal(clock.pending, 0);
});

test('trap 8: retries are not spent on the rejections of an open circuit', async () => {
  const { catalog, provider, telemetry, clock } = setUp({
    idempotent: true,
    retry: { attempts: 5, backoff: { initialMs: 1, jitter: 'none' } },
    breaker: { trip: { kind: 'consecutive', failures: 2 }, openMs: 10_000 },
  });
  provider.script([{ error: down }]);
  const calling = catalog.execute(provider.call);
  // The failure that the call met, not the rejection that it would meet next.
  await Promise.all([
    assert.rejects(calling, { code: 'DEPENDENCY_UNAVAILABLE' }),
    clock.advance(50),
  ]);
  assert.equal(provider.seen.length, 2);
  const refused = catalog.execute(provider.call);
  await assert.rejects(refused, CircuitOpenError);
  assert.equal(clock.now(), 1_000_050, 'no wait');
  assert.equal(telemetry.events.rejections.length, 1);
});

test('trap 9: an isolation ends by itself', async () => {
  const { catalog, provider, telemetry, clock } = setUp(THREE_FAILURES);
  catalog.isolate({ by: 'ana', why: 'migration', forMs: 60_000 });
  await assert.rejects(catalog.execute(provider.call), CircuitIsolatedError);
  await clock.advance(59_999);
  await assert.rejects(catalog.execute(provider.call), CircuitIsolatedError);
  await clock.advance(1);
  assert.equal(await catalog.execute(provider.call), 'item');
  await assertTransitions(telemetry, 'catalog', [
    'closed>isolated',
    'isolated>half_open',
    'half_open>closed',
  ]);
});

test('trap 10: an open circuit whose time is over is shown as half-open without any traffic', async () => {
  const { catalog, provider, registry, clock } = setUp(THREE_FAILURES);
  const status = (state: string) =>
    metricValue(registry, METRICS.breakerStatus, { breaker: 'catalog', state });
  provider.script([{ error: down }]);
  for (let i = 0; i < 3; i++) await assert.rejects(catalog.execute(provider.call));
  assert.deepEqual([await status('open'), await status('half_open')], [1, 0]);
  await clock.advance(1_000);
  assert.deepEqual([await status('open'), await status('half_open')], [0, 1]);
  assert.equal(catalog.breakers()[0]?.state, 'half_open');
  assert.equal(catalog.breakers()[0]?.retryAfterMs, 0);
});

test('trap 11: rejections are reported, and every error has a name of its own', async () => {
  const { catalog, provider, telemetry, clock } = setUp({
    ...THREE_FAILURES,
    bulkhead: { concurrent: 1, queue: 0 },
  });
  provider.script(['hang']);
  const hanging = catalog.execute(provider.call);
  await assert.rejects(catalog.execute(provider.call), { name: 'BulkheadFullError' });
  await Promise.all([
    assert.rejects(hanging, { name: 'DependencyTimeoutError' }),
    clock.advance(2_000),
  ]);
  catalog.isolate({ by: 'ana', why: 'test', forMs: 1_000 });
  await assert.rejects(catalog.execute(provider.call), { name: 'CircuitIsolatedError' });
  catalog.release({ by: 'ana', why: 'done' });
  provider.script([{ error: down }]);
  await assert.rejects(catalog.execute(provider.call), { name: 'DependencyUnavailableError' });
  await assert.rejects(catalog.execute(provider.call), { name: 'CircuitOpenError' });
  assert.deepEqual(
    telemetry.events.rejections.map(({ reason }) => reason),
    ['bulkhead_full', 'circuit_isolated', 'circuit_open'],
  );
  await assertOutcomes(telemetry, 'catalog', { failure: 2, rejected: 3 });
});

test('trap 12: a caller that leaves the queue of the bulkhead gives its place back at once', async () => {
  const { catalog, provider } = setUp({
    ...THREE_FAILURES,
    bulkhead: { concurrent: 1, queue: 1, longestWaitMs: 60_000 },
  });
  provider.script(['hang', { value: 'item' }]);
  const first = new AbortController();
  const running = catalog.execute(provider.call, { signal: first.signal });
  const second = new AbortController();
  const waiting = catalog.execute(provider.call, { signal: second.signal });
  await settle();
  await assert.rejects(catalog.execute(provider.call), BulkheadFullError);
  second.abort();
  await assert.rejects(waiting, RequestCancelledError);
  const next = catalog.execute(provider.call);
  await settle();
  assert.deepEqual({ ...pick(catalog.bulkhead) }, { active: 1, queued: 1 });
  first.abort();
  await assert.rejects(running, RequestCancelledError);
  assert.equal(await next, 'item');
  assert.deepEqual({ ...pick(catalog.bulkhead) }, { active: 0, queued: 0 });
});

function pick(bulkhead: { active: number; queued: number } | undefined) {
  return { active: bulkhead?.active, queued: bulkhead?.queued };
}

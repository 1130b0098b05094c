import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  DependencyTimeoutError,
  RequestCancelledError,
} from '@breakwater/errors';
import { Deadline } from './deadline.ts';
import { BulkheadFullError, CircuitOpenError } from './errors.ts';
import type { DependencyOptions } from './options.ts';
import { assertOutcomes, ScriptedDependency, settle, testResilience } from './testing/index.ts';

const down = () => new BadGatewayError('catalog');

function setUp(options: DependencyOptions = {}) {
  const telemetry = testResilience();
  const catalog = telemetry.resilience.dependency('catalog', options);
  const provider = new ScriptedDependency<string>(telemetry.clock, [{ value: 'item' }]);
  return { ...telemetry, telemetry, catalog, provider };
}

test('gives the function its attempt, its signal and its time', async () => {
  const { catalog, clock } = setUp({ timeoutMs: 700 });
  const seen = await catalog.execute((context) => ({
    attempt: context.attempt,
    aborted: context.signal.aborted,
    remainingMs: context.deadline.remainingMs(),
  }));
  assert.deepEqual(seen, { attempt: 1, aborted: false, remainingMs: 700 });
  assert.equal(clock.pending, 1, 'the shared timer waits for the next call');
});

test('takes functions that are not async, and what they throw', async () => {
  const { catalog, telemetry } = setUp();
  assert.equal(await catalog.execute(() => 7), 7);
  const fail = () => {
    throw new ConflictError('no');
  };
  await assert.rejects(catalog.execute(fail), ConflictError);
  await assertOutcomes(telemetry, 'catalog', { success: 1, ignored: 1 });
});

test('a slow attempt is given up at its timeout, whatever its function does', async () => {
  const { catalog, provider, clock, registry: _, ...telemetry } = setUp({ timeoutMs: 500 });
  provider.script(['ignore-signal']);
  const calling = catalog.execute(provider.call);
  const gaveUp = assert.rejects(calling, {
    code: 'DEPENDENCY_TIMEOUT',
    delivery: 'unknown',
    context: { dependency: 'catalog', timeout_ms: 500 },
  });
  await clock.advance(499);
  assert.equal(telemetry.events.calls.length, 0);
  await clock.advance(1);
  await gaveUp;
  assert.equal(provider.seen[0]?.signal.aborted, true);
  assert.ok(provider.seen[0]?.signal.reason instanceof DependencyTimeoutError);
  assert.equal(catalog.abandoned, 1, 'it still runs');
});

test('a function that ends after it was given up is no longer counted', async () => {
  const { catalog, clock } = setUp({ timeoutMs: 500 });
  let finish = () => {};
  const calling = catalog.execute(() => new Promise<void>((resolve) => (finish = resolve)));
  await Promise.all([assert.rejects(calling), clock.advance(500)]);
  assert.equal(catalog.abandoned, 1);
  finish();
  await settle();
  assert.equal(catalog.abandoned, 0);
});

test('a rejection has no stack, says when to come back, and was not sent', async () => {
  const { catalog, provider, clock } = setUp({
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 }, openMs: 9_500 },
  });
  provider.script([{ error: down }]);
  await assert.rejects(catalog.execute(provider.call), BadGatewayError);
  await clock.advance(1_000);
  await assert.rejects(catalog.execute(provider.call), (error) => {
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(error.retryAfterS, 9);
    assert.equal(error.delivery, 'not_sent');
    assert.equal(error.stack?.includes('\n'), false);
    return true;
  });
  assert.ok(Error.stackTraceLimit > 0);
});

test('a caller waits for a place no longer than its deadline allows', async () => {
  const { catalog, provider, clock, events } = setUp({
    retry: false,
    timeoutMs: 60_000,
    bulkhead: { concurrent: 1, queue: 2, longestWaitMs: 500 },
  });
  provider.script(['hang']);
  const first = new AbortController();
  const running = catalog.execute(provider.call, { signal: first.signal });
  const patient = catalog.execute(provider.call);
  const hurried = catalog.execute(provider.call, { deadline: Deadline.after(200, clock) });
  await Promise.all([
    assert.rejects(hurried, DeadlineExceededError),
    assert.rejects(patient, BulkheadFullError),
    clock.advance(500),
  ]);
  assert.deepEqual(
    events.rejections.map(({ reason }) => reason),
    ['deadline', 'bulkhead_wait'],
  );
  first.abort();
  await assert.rejects(running, RequestCancelledError);
});

test('who waited for a place while the circuit opened is refused', async () => {
  const { catalog, provider, clock } = setUp({
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 } },
    bulkhead: { concurrent: 1, queue: 1 },
  });
  provider.script([{ error: down, afterMs: 100 }, { value: 'item' }]);
  const failing = catalog.execute(provider.call);
  const waiting = catalog.execute(provider.call);
  await Promise.all([
    assert.rejects(failing, BadGatewayError),
    assert.rejects(waiting, CircuitOpenError),
    clock.advance(100),
  ]);
  assert.equal(provider.seen.length, 1);
  assert.deepEqual([catalog.bulkhead?.active, catalog.bulkhead?.queued], [0, 0]);
});

test('who goes away just as a place becomes free sends nothing, and the place goes on', async () => {
  const { resilience, catalog, provider } = setUp({
    retry: false,
    bulkhead: { concurrent: 1, queue: 2 },
  });
  provider.script(['hang', { value: 'item' }]);
  const [first, second] = [new AbortController(), new AbortController()];
  // Told when the first has left the bulkhead and before the second has begun.
  resilience.listen({ onCall: ({ outcome }) => outcome === 'cancelled' && second.abort() });
  const running = catalog.execute(provider.call, { signal: first.signal });
  const waiting = catalog.execute(provider.call, { signal: second.signal });
  const third = catalog.execute(provider.call);
  first.abort();
  await assert.rejects(running, RequestCancelledError);
  await assert.rejects(waiting, RequestCancelledError);
  assert.equal(await third, 'item');
  assert.equal(provider.seen.length, 2);
  assert.deepEqual([catalog.bulkhead?.active, catalog.bulkhead?.queued], [0, 0]);
});

test('own functions that throw, or give nonsense, take no result away', async () => {
  const bug = () => {
    throw new Error('bug');
  };
  const { catalog, provider, clock, telemetry } = setUp({
    idempotent: true,
    retry: { on: bug, backoff: { next: () => ({ duration: Number.NaN, next: bug }) } },
    breaker: { trip: () => ({ state: 0, success: bug, failure: bug }) },
  });
  provider.script([{ error: down }, { error: down }, { value: 'item' }]);
  const calling = catalog.execute(provider.call);
  await clock.advance(100);
  assert.equal(await calling, 'item');
  await assertOutcomes(telemetry, 'catalog', { success: 1 });
});

test('a dependency is declared once, and one without a breaker cannot be isolated', () => {
  const { catalog, resilience } = setUp({ breaker: false });
  assert.equal(resilience.find('catalog'), catalog);
  assert.throws(() => resilience.dependency('catalog'), /declared twice/);
  assert.throws(() => catalog.isolate({ by: 'a', why: 'b', forMs: 1 }), /no breaker to isolate/);
  assert.equal(catalog.release({ by: 'a', why: 'b' }), false);
});

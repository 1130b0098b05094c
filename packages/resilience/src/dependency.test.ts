import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import type { AttemptContext } from './attempt.ts';
import { Deadline } from './deadline.ts';
import { deliveryOf } from './delivery.ts';
import { BulkheadFullError, CircuitIsolatedError, CircuitOpenError } from './errors.ts';
import type { DependencyOptions } from './options.ts';
import { currentDeadline, currentSignal, runInScope } from './request-scope.ts';
import { discourageRetry, isRetryDiscouraged } from './retry-hint.ts';
import { assertOutcomes, ScriptedDependency, settle, testResilience } from './testing/index.ts';

const down = () => new BadGatewayError('catalog');
const RETRY: DependencyOptions = {
  idempotent: true,
  timeoutMs: 1_000,
  retry: { attempts: 3, backoff: { initialMs: 100, jitter: 'none' }, budget: false },
  breaker: false,
};

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

test('retries what is worth it, with growing waits, and each attempt has its own time', async () => {
  const { catalog, provider, clock, events } = setUp(RETRY);
  provider.script([{ error: down }, { error: down, afterMs: 10 }, { value: 'item' }]);
  const calling = catalog.execute(provider.call);
  await clock.advance(1_000);
  assert.equal(await calling, 'item');
  assert.deepEqual(
    provider.seen.map(({ attempt, startedAt, remainingMs }) => [
      attempt,
      startedAt - 1_000_000,
      remainingMs,
    ]),
    [
      [1, 0, 1_000],
      [2, 100, 1_000],
      [3, 310, 1_000],
    ],
  );
  assert.deepEqual(
    events.retries.map(({ reason, attempt, delayMs }) => [reason, attempt, delayMs]),
    [
      ['bad_answer', 1, 100],
      ['bad_answer', 2, 200],
    ],
  );
  assert.deepEqual([events.calls[0]?.attempts, events.calls[0]?.durationMs], [3, 310]);
});

test('an operation that is not idempotent is repeated only when nothing was sent', async () => {
  const { catalog, provider, clock } = setUp({ ...RETRY, idempotent: false });
  provider.script([{ error: down }]);
  await assert.rejects(catalog.execute(provider.call), BadGatewayError);
  assert.equal(provider.seen.length, 1);
  const refused = new DependencyUnavailableError('catalog', { delivery: 'not_sent' });
  provider.script([{ error: refused }, { value: 'item' }]);
  const calling = catalog.execute(provider.call);
  await clock.advance(100);
  assert.equal(await calling, 'item');
  provider.script([{ error: down }, { value: 'item' }]);
  const idempotent = catalog.execute(provider.call, { idempotent: true });
  await clock.advance(100);
  assert.equal(await idempotent, 'item');
});

test('business errors, bugs of the peer and cancellations are not repeated', async () => {
  const { catalog, provider } = setUp(RETRY);
  for (const error of [
    new ConflictError('no'),
    new RequestCancelledError('gone'),
    Object.assign(down(), { kind: { ...BadGatewayError.kind, status: 500, retryable: false } }),
  ]) {
    provider.script([{ error }]);
    await assert.rejects(catalog.execute(provider.call), error);
  }
  assert.equal(provider.seen.length, 3);
});

test('waits as long as Retry-After says, of a 503 and of a 429', async () => {
  const { catalog, provider, clock, telemetry } = setUp(RETRY);
  provider.script([
    { error: new DependencyUnavailableError('catalog', { retryAfterS: 2 }) },
    { error: new RateLimitError('slow down', { retryAfterS: 3 }) },
    { value: 'item' },
  ]);
  const calling = catalog.execute(provider.call);
  await clock.advance(10_000);
  assert.equal(await calling, 'item');
  const starts = provider.seen.map(({ startedAt }) => startedAt - 1_000_000);
  assert.deepEqual(starts, [0, 2_100, 5_300], 'the backoff comes on top');
  await assertOutcomes(telemetry, 'catalog', { success: 1 });
});

test('a Retry-After that is too long ends the call at once', async () => {
  const { catalog, provider, events } = setUp(RETRY);
  provider.script([{ error: new DependencyUnavailableError('catalog', { retryAfterS: 11 }) }]);
  await assert.rejects(catalog.execute(provider.call), DependencyUnavailableError);
  assert.deepEqual(
    events.retriesSkipped.map(({ reason }) => reason),
    ['retry_after'],
  );
});

test('the budget denies the retries of a dependency that is down', async () => {
  const { catalog, provider, clock, events } = setUp({
    ...RETRY,
    retry: { attempts: 3, backoff: { initialMs: 0 }, budget: { ratio: 0.2, minPerSecond: 0 } },
  });
  provider.script([{ error: down }]);
  for (let i = 0; i < 100; i++) {
    await Promise.all([assert.rejects(catalog.execute(provider.call)), clock.advance(1)]);
  }
  assert.equal(provider.seen.length, 120);
  assert.equal(events.retries.length, 20);
  assert.ok(events.retriesSkipped.every(({ reason }) => reason === 'budget'));
});

test('a failure after retries, or without budget for one, is marked for the callers above', async () => {
  const { catalog, provider, clock } = setUp(RETRY);
  provider.script([{ error: down }]);
  const calling = catalog.execute(provider.call);
  await Promise.all([assert.rejects(calling, isRetryDiscouraged), clock.advance(1_000)]);
  const once = catalog.execute(provider.call, { idempotent: false });
  await assert.rejects(once, (error) => !isRetryDiscouraged(error));
  const poor = setUp({ ...RETRY, retry: { budget: { ratio: 0, minPerSecond: 0 } } });
  poor.provider.script([{ error: down }]);
  await assert.rejects(poor.catalog.execute(poor.provider.call), isRetryDiscouraged);
});

test('a failure that was retried below is not retried again', async () => {
  const { catalog, provider, events } = setUp(RETRY);
  provider.script([{ error: () => discourageRetry(down()) }]);
  await assert.rejects(catalog.execute(provider.call), BadGatewayError);
  assert.equal(provider.seen.length, 1);
  assert.deepEqual(
    events.retriesSkipped.map(({ reason }) => reason),
    ['peer'],
  );
});

test('a call fails with the attempt that knows least of what became of the request', async () => {
  const { catalog, provider, clock } = setUp({ ...RETRY, timeoutMs: 500 });
  provider.script([
    'hang',
    { error: () => new DependencyUnavailableError('catalog', { delivery: 'not_sent' }) },
  ]);
  const calling = catalog.execute(provider.call);
  await Promise.all([assert.rejects(calling, DependencyTimeoutError), clock.advance(5_000)]);
  assert.equal(provider.seen.length, 3);
});

test('an open circuit does not hide that an earlier attempt may have done the work', async () => {
  const { catalog, provider, clock, telemetry } = setUp({
    ...RETRY,
    timeoutMs: 500,
    retry: { attempts: 3, backoff: { initialMs: 100, jitter: 'none' } },
    breaker: { trip: { kind: 'consecutive', failures: 2 }, openMs: 60_000 },
  });
  provider.script(['hang', { error: down }]);
  const timedOut = catalog.execute(provider.call);
  const rejected = assert.rejects(timedOut, DependencyTimeoutError);
  await clock.advance(550);
  await assert.rejects(catalog.execute(provider.call), BadGatewayError);
  await clock.advance(5_000);
  await rejected;
  await assertOutcomes(telemetry, 'catalog', { failure: 2 });
});

test('the deadline bounds an attempt, and is not held against the dependency', async () => {
  const { catalog, provider, clock, telemetry } = setUp({ ...RETRY, breaker: {} });
  provider.script(['hang']);
  const calling = catalog.execute(provider.call, { deadline: Deadline.after(300, clock) });
  const exceeded = assert.rejects(calling, (error) => {
    assert.ok(error instanceof DeadlineExceededError);
    assert.equal(deliveryOf(error), 'unknown');
    return true;
  });
  await clock.advance(300);
  await exceeded;
  assert.equal(clock.now(), 1_000_300);
  assert.equal(provider.seen[0]?.remainingMs, 300);
  assert.equal(catalog.breakers()[0]?.failures, 0);
  await assertOutcomes(telemetry, 'catalog', { cancelled: 1 });
});

test('with nothing useful left of the deadline nothing is sent', async () => {
  const { catalog, provider, clock, telemetry } = setUp({ ...RETRY, leastUsefulMs: 50 });
  const deadline = Deadline.after(49, clock);
  await assert.rejects(catalog.execute(provider.call, { deadline }), (error) => {
    assert.ok(error instanceof DeadlineExceededError);
    assert.equal(deliveryOf(error), 'not_sent');
    return true;
  });
  assert.equal(provider.seen.length, 0);
  assert.deepEqual(
    telemetry.events.rejections.map(({ reason }) => reason),
    ['deadline'],
  );
  await assertOutcomes(telemetry, 'catalog', { rejected: 1 });
});

test('a wait that the deadline would cut short is not begun', async () => {
  const { catalog, provider, clock, events } = setUp(RETRY);
  provider.script([{ error: down }]);
  const calling = catalog.execute(provider.call, { deadline: Deadline.after(100, clock) });
  await assert.rejects(calling, BadGatewayError);
  assert.equal(clock.now(), 1_000_000);
  assert.deepEqual(
    events.retriesSkipped.map(({ reason }) => reason),
    ['deadline'],
  );
});

test('a call whose caller has gone already sends nothing', async () => {
  const { catalog, provider, telemetry } = setUp(RETRY);
  const calling = catalog.execute(provider.call, { signal: AbortSignal.abort() });
  await assert.rejects(calling, (error) => {
    assert.ok(error instanceof RequestCancelledError);
    assert.equal(deliveryOf(error), 'not_sent');
    return true;
  });
  assert.equal(provider.seen.length, 0);
  await assertOutcomes(telemetry, 'catalog', { cancelled: 1 });
});

test('a cancelled call says what is known of the attempts before', async () => {
  const { catalog, provider, clock } = setUp({ ...RETRY, timeoutMs: 500 });
  provider.script(['hang']);
  const caller = new AbortController();
  const calling = catalog.execute(provider.call, { signal: caller.signal });
  await clock.advance(550);
  caller.abort('closed');
  await assert.rejects(calling, (error) => {
    assert.ok(error instanceof RequestCancelledError);
    assert.deepEqual([deliveryOf(error), error.cause], ['unknown', 'closed']);
    return true;
  });
});

test('a signal that ends for a deadline rejects with that', async () => {
  const { catalog, provider } = setUp(RETRY);
  provider.script(['hang']);
  const caller = new AbortController();
  const calling = catalog.execute(provider.call, { signal: caller.signal });
  const reason = new DeadlineExceededError('over');
  caller.abort(reason);
  await assert.rejects(calling, reason);
});

test('takes deadline and signal of the request at hand', async () => {
  const { catalog, provider, clock } = setUp(RETRY);
  const deadline = Deadline.after(200, clock);
  const client = new AbortController();
  provider.script(['hang']);
  const calling = runInScope({ deadline, signal: client.signal }, () =>
    catalog.execute(provider.call),
  );
  assert.equal(provider.seen[0]?.remainingMs, 200);
  client.abort();
  await assert.rejects(calling, RequestCancelledError);
});

test('what an attempt calls ends with the attempt', async () => {
  const { resilience, clock } = testResilience();
  const outer = resilience.dependency('outer', { timeoutMs: 300, retry: false });
  const inner = resilience.dependency('inner', { timeoutMs: 5_000, retry: false });
  const provider = new ScriptedDependency(clock, ['hang']);
  const calling = outer.execute((context: AttemptContext) => {
    assert.equal(currentDeadline()?.at, context.deadline.at);
    assert.equal(currentSignal(), context.signal);
    return inner.execute(provider.call);
  });
  await Promise.all([assert.rejects(calling, DependencyTimeoutError), clock.advance(300)]);
  await settle();
  assert.equal(provider.seen[0]?.remainingMs, 300);
  assert.equal(provider.active, 0);
  assert.equal(inner.breakers()[0]?.failures, 0);
  assert.equal(outer.breakers()[0]?.failures, 1);
});

test('leaves no listener on a signal that outlives the call', async () => {
  const { catalog, provider, clock } = setUp(RETRY);
  const signal = new AbortController().signal;
  let listeners = 0;
  signal.addEventListener = (() => listeners++) as typeof signal.addEventListener;
  signal.removeEventListener = (() => listeners--) as typeof signal.removeEventListener;
  await catalog.execute(provider.call, { signal });
  provider.script([{ error: down }]);
  await Promise.all([
    assert.rejects(catalog.execute(provider.call, { signal })),
    clock.advance(1_000),
  ]);
  assert.equal(listeners, 0);
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

test('each key has a circuit of its own', async () => {
  const { catalog, provider } = setUp({
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 }, keys: 2 },
  });
  provider.script([{ error: down }, { value: 'item' }]);
  await assert.rejects(catalog.execute(provider.call, { key: 'a' }), BadGatewayError);
  await assert.rejects(catalog.execute(provider.call, { key: 'a' }), CircuitOpenError);
  assert.equal(await catalog.execute(provider.call, { key: 'b' }), 'item');
  catalog.isolate({ key: 'c', by: 'ana', why: 'test', forMs: 1_000 });
  await assert.rejects(catalog.execute(provider.call, { key: 'c' }), CircuitIsolatedError);
  assert.deepEqual(
    catalog.breakers().map(({ name, state }) => `${name} ${state}`),
    ['catalog closed', 'catalog/a open', 'catalog/c isolated'],
    'b, closed, was forgotten for c',
  );
});

test('an own classification decides, and one that throws is passed over', async () => {
  const conflicts = setUp({
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 } },
    classify: (error) => (error instanceof ConflictError ? 'failure' : 'ignored'),
  });
  conflicts.provider.script([{ error: () => new ConflictError('no') }]);
  await assert.rejects(conflicts.catalog.execute(conflicts.provider.call), ConflictError);
  await assert.rejects(conflicts.catalog.execute(conflicts.provider.call), CircuitOpenError);
  const broken = setUp({
    retry: false,
    classify: () => {
      throw new Error('bug');
    },
  });
  broken.provider.script([{ error: down }]);
  await assert.rejects(broken.catalog.execute(broken.provider.call), BadGatewayError);
  await assertOutcomes(broken.telemetry, 'catalog', { failure: 1 });
});

test('a dependency is declared once, and one without a breaker cannot be isolated', () => {
  const { catalog, resilience } = setUp({ breaker: false });
  assert.equal(resilience.find('catalog'), catalog);
  assert.throws(() => resilience.dependency('catalog'), /declared twice/);
  assert.throws(() => catalog.isolate({ by: 'a', why: 'b', forMs: 1 }), /no breaker to isolate/);
  assert.equal(catalog.release({ by: 'a', why: 'b' }), false);
});

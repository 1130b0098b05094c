import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  DeadlineExceededError,
  DependencyTimeoutError,
  RequestCancelledError,
} from '@breakwater/errors';
import type { AttemptContext } from './attempt.ts';
import { Deadline } from './deadline.ts';
import { deliveryOf } from './delivery.ts';
import type { DependencyOptions } from './options.ts';
import { currentDeadline, currentSignal, runInScope } from './request-scope.ts';
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

test('a deadline that ends a retry names the failure before it', async () => {
  const { catalog, provider, clock } = setUp(RETRY);
  const failure = down();
  provider.script([{ error: failure }, 'hang']);
  const calling = catalog.execute(provider.call, { deadline: Deadline.after(300, clock) });
  await Promise.all([
    assert.rejects(calling, (error: Error) => {
      assert.ok(error instanceof DeadlineExceededError);
      assert.equal(error.cause, failure);
      return true;
    }),
    clock.advance(300),
  ]);
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

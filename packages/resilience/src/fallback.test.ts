import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  DeadlineExceededError,
  NotFoundError,
  RequestCancelledError,
} from '@breakwater/errors';
import { Deadline } from './deadline.ts';
import type { FallbackStep } from './fallback.ts';
import type { DependencyOptions } from './options.ts';
import { assertOutcomes, ScriptedDependency, testResilience } from './testing/index.ts';

interface User {
  readonly name: string;
  readonly status?: string;
}

const down = () => new BadGatewayError('users');
const CACHED = { source: 'cache', maxAgeMs: 60_000 } as const;
const UNKNOWN: User = { name: 'Unknown', status: 'degraded' };

function setUp(options: DependencyOptions = {}) {
  const telemetry = testResilience();
  const users = telemetry.resilience.dependency('users', { retry: false, ...options });
  const replica = telemetry.resilience.dependency('users-replica', { retry: false });
  const primary = new ScriptedDependency<User>(telemetry.clock, [{ value: { name: 'Ada' } }]);
  const second = new ScriptedDependency<User>(telemetry.clock, [{ value: { name: 'Ada' } }]);
  const chain: FallbackStep<User>[] = [
    { source: 'fallback', call: () => replica.execute(second.call) },
    { source: 'cache', maxAgeMs: 60_000 },
    { source: 'stale', maxAgeMs: 3_600_000 },
    { source: 'degraded', value: UNKNOWN },
  ];
  const ask = (more = {}) =>
    users.executeWithSource(primary.call, { fallback: chain, cacheKey: 'user:1', ...more });
  return { ...telemetry, telemetry, users, primary, second, chain, ask };
}

test('goes through the whole chain: primary, replica, cache, stale, degraded', async () => {
  const { ask, primary, second, clock, events, telemetry } = setUp({ breaker: false });
  const [ada] = [{ name: 'Ada' }];
  assert.deepEqual(await ask(), { value: ada, source: 'primary' });
  primary.script([{ error: down }]);
  assert.deepEqual(await ask(), { value: ada, source: 'fallback' });
  second.script([{ error: down }]);
  assert.deepEqual(await ask(), { value: ada, source: 'cache' });
  await clock.advance(60_001);
  assert.deepEqual(await ask(), { value: ada, source: 'stale' });
  await clock.advance(3_600_000);
  assert.deepEqual(await ask(), { value: UNKNOWN, source: 'degraded' });
  assert.deepEqual(
    events.fallbacks.map(({ source }) => source),
    ['fallback', 'cache', 'stale', 'degraded'],
  );
  await assertOutcomes(telemetry, 'users', { success: 1, failure: 4 });
});

test('stands in for an open circuit too', async () => {
  const { ask, primary, second } = setUp({
    breaker: { trip: { kind: 'consecutive', failures: 1 } },
  });
  primary.script([{ error: down }]);
  await ask();
  assert.equal((await ask()).source, 'fallback');
  assert.deepEqual([primary.seen.length, second.seen.length], [1, 2]);
});

test('execute gives the value alone', async () => {
  const { users, primary, chain } = setUp();
  primary.script([{ error: down }]);
  assert.deepEqual(await users.execute(primary.call, { fallback: chain }), { name: 'Ada' });
});

test('an answer that is the caller’s to deal with is the answer', async () => {
  const { ask, primary, events } = setUp();
  primary.script([{ error: () => new NotFoundError('user', 1) }]);
  await assert.rejects(ask(), NotFoundError);
  assert.equal(events.fallbacks.length, 0);
});

test('nothing stands in for a caller that has gone, or whose time is over', async () => {
  const { ask, primary, clock, events } = setUp({ timeoutMs: 1_000 });
  primary.script(['hang']);
  const caller = new AbortController();
  const cancelled = ask({ signal: caller.signal });
  caller.abort();
  await assert.rejects(cancelled, RequestCancelledError);
  const late = ask({ deadline: Deadline.after(100, clock) });
  await Promise.all([assert.rejects(late, DeadlineExceededError), clock.advance(100)]);
  assert.equal(events.fallbacks.length, 0);
});

test('too little time to call is enough for a value that is at hand; none is not', async () => {
  const { ask, clock } = setUp({ leastUsefulMs: 50 });
  await ask();
  const hurried = ask({ deadline: Deadline.after(20, clock), fallback: [CACHED] });
  assert.equal((await hurried).source, 'cache');
  const over = ask({ deadline: Deadline.after(0, clock), fallback: [CACHED] });
  await assert.rejects(over, DeadlineExceededError);
});

test('what is left of the deadline bounds the alternative', async () => {
  const { ask, primary, second, clock } = setUp({ timeoutMs: 1_000 });
  primary.script([{ error: down, afterMs: 200 }]);
  second.script(['hang']);
  const asking = ask({ deadline: Deadline.after(500, clock) });
  await clock.advance(500);
  assert.equal(second.seen[0]?.remainingMs, 300);
  // The constant costs nothing and is given, though the alternative took all the time there was.
  assert.deepEqual((await asking).source, 'degraded');
});

test('a caller that goes away during the chain ends it', async () => {
  const { ask, primary, second, clock } = setUp();
  primary.script([{ error: down }]);
  second.script(['hang']);
  const caller = new AbortController();
  const asking = ask({ signal: caller.signal });
  await clock.advance(10);
  caller.abort();
  await assert.rejects(asking, BadGatewayError);
  assert.equal(second.seen[0]?.signal.aborted, true);
});

test('when no step has a value, the call fails with what the dependency did', async () => {
  const { users, primary, events } = setUp();
  primary.script([{ error: down }]);
  const empty: FallbackStep<User>[] = [
    { source: 'cache', maxAgeMs: 1_000 },
    {
      source: 'degraded',
      value: () => {
        throw new Error('bug');
      },
    },
  ];
  const asking = users.execute(primary.call, { fallback: empty, cacheKey: 'user:2' });
  await assert.rejects(asking, BadGatewayError);
  assert.deepEqual(
    events.fallbacks.map(({ source }) => source),
    [undefined],
  );
});

test('a degraded value can be made from the error; a call can decline the chain', async () => {
  const { users, primary } = setUp({
    fallback: [{ source: 'degraded', value: (error: unknown) => ({ name: String(error) }) }],
  });
  primary.script([{ error: down }]);
  assert.match((await users.execute(primary.call)).name, /^BadGatewayError/);
  await assert.rejects(users.execute(primary.call, { fallback: [] }), BadGatewayError);
});

test('keeps a bounded number of values, and none without a key', async () => {
  const { users, primary, chain } = setUp({ cacheEntries: 2, breaker: false });
  const cacheOnly = chain.filter(({ source }) => source === 'cache');
  for (const cacheKey of ['a', 'b', 'c']) await users.execute(primary.call, { cacheKey });
  await users.execute(primary.call);
  primary.script([{ error: down }]);
  const has = (cacheKey: string | undefined) =>
    users.execute(primary.call, { cacheKey, fallback: cacheOnly }).then(
      () => true,
      () => false,
    );
  assert.deepEqual(await Promise.all([has('a'), has('b'), has('c'), has(undefined)]), [
    false,
    true,
    true,
    false,
  ]);
});

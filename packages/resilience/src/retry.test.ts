import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import type { DependencyOptions } from './options.ts';
import { discourageRetry, isRetryDiscouraged } from './retry-hint.ts';
import { assertOutcomes, ScriptedDependency, testResilience } from './testing/index.ts';

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
  for (const retryAfterS of [11, 1e21, Number.POSITIVE_INFINITY]) {
    provider.script([{ error: new DependencyUnavailableError('catalog', { retryAfterS }) }]);
    await assert.rejects(catalog.execute(provider.call), DependencyUnavailableError);
  }
  assert.deepEqual(
    events.retriesSkipped.map(({ reason }) => reason),
    ['retry_after', 'retry_after', 'retry_after'],
  );
});

test('a Retry-After that is none leaves the backoff as it is', async () => {
  for (const retryAfterS of [-5, Number.NaN, 0]) {
    const { catalog, provider, clock, events } = setUp(RETRY);
    const error = new DependencyUnavailableError('catalog', { retryAfterS });
    provider.script([{ error }, { value: 'item' }]);
    const calling = catalog.execute(provider.call);
    await clock.advance(100);
    assert.equal(await calling, 'item');
    assert.deepEqual(
      events.retries.map(({ delayMs }) => delayMs),
      [100],
      String(retryAfterS),
    );
  }
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

/**
 * A provider that is down, three attempts at each of two hops: nine times the load without budgets.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DependencyUnavailableError,
  decodeErrorBody,
  renderError,
  toAppError,
} from '@breakwater/errors';
import type { Dependency } from './dependency.ts';
import type { RetryOptions } from './options.ts';
import { readRetryHint, retryHintHeaders } from './retry-hint.ts';
import { ScriptedDependency, testResilience } from './testing/index.ts';

const OFFERED = 1_000;
const EVERY_MS = 10;

/** The load on the provider as a multiple of what was offered. */
async function storm(
  budget: RetryOptions['budget'],
  attempts = 3,
  { hint = true, breaker = false, everything = true } = {},
): Promise<number> {
  const { resilience, clock } = testResilience({ metrics: false });
  const declare = (name: string) =>
    resilience.dependency(name, {
      idempotent: true,
      retry: {
        attempts,
        backoff: { initialMs: 50 },
        // The default leaves what failed further down to the hop that is next to it.
        ...(everything ? { on: () => true } : {}),
        ...(budget === undefined ? {} : { budget }),
      },
      bulkhead: false,
      ...(breaker ? {} : { breaker: false }),
    });
  const [payments, provider] = [declare('payments'), declare('provider')];
  const down = new ScriptedDependency(clock, [
    { error: () => new DependencyUnavailableError('provider'), afterMs: 5 },
  ]);
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < OFFERED; i++) {
    calls.push(payments.execute(() => overTheWire(provider, down, hint)).catch(() => {}));
    await clock.advance(EVERY_MS);
  }
  await clock.advance(60_000);
  await Promise.all(calls);
  return down.seen.length / OFFERED;
}

/** A service between two hops, as far as its errors are concerned. */
async function overTheWire(
  provider: Dependency,
  down: ScriptedDependency<unknown>,
  hint: boolean,
): Promise<void> {
  try {
    await provider.execute(down.call);
  } catch (thrown) {
    const error = toAppError(thrown);
    const [traceId, requestId] = ['0'.repeat(32), 'r'];
    const failure = { error, traceId, requestId, serviceName: 'payments', path: '/' };
    const { status, body, headers } = renderError('problem', failure);
    const sent = new Headers({ ...headers, ...(hint ? retryHintHeaders(error) : {}) });
    throw readRetryHint(decodeErrorBody(status, sent, body), sent);
  }
}

test('without budgets and without the hint, nine attempts a call reach the provider', async () => {
  assert.equal(await storm(false, 3, { hint: false }), 9);
});

test('by default the hop next to the trouble retries alone, with and without the hint', async () => {
  assert.equal(await storm(false, 3, { everything: false, hint: false }), 3);
  assert.equal(await storm(false, 3, { everything: false }), 3);
});

test('the hint alone leaves one layer that retries', async () => {
  assert.equal(await storm(false), 3);
});

test('with budgets the load on the provider stays within 1 + budget of what is offered', async () => {
  for (const ratio of [0.1, 0.2]) {
    const load = await storm({ ratio, minPerSecond: 0 });
    assert.ok(load <= 1 + ratio, `${load} with a budget of ${ratio}`);
    assert.ok(load > 1 + ratio / 2, `${load}: some calls were retried`);
  }
});

test('by default too, but for the floor of one retry a second', async () => {
  const load = await storm(undefined);
  const floor = (OFFERED * EVERY_MS) / 1_000 + 10;
  assert.ok(load <= 1 + 0.2 + floor / OFFERED, String(load));
});

test('with the breakers closed in as well, next to nothing reaches the provider', async () => {
  assert.ok((await storm(undefined, 3, { breaker: true })) < 0.05);
});

/**
 * Four questions, four answers: each default, that each option moves its own answer and no other, and
 * that an option's bug moves none.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  DependencyUnavailableError,
  decodeErrorBody,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import { Deadline } from './deadline.ts';
import { BulkheadFullError } from './errors.ts';
import type { Outcome } from './names.ts';
import { METRICS } from './names.ts';
import type { DependencyOptions } from './options.ts';
import type { Ending } from './outcome.ts';
import {
  metricValue,
  ScriptedDependency,
  type ScriptStep,
  settle,
  testResilience,
} from './testing/index.ts';

type Step = ScriptStep<string>;

const nested = () => {
  const context = { dependency: 'ldap' };
  const body = JSON.stringify({ error_code: 'DEPENDENCY_UNAVAILABLE', message: 'm', context });
  return decodeErrorBody(503, { get: () => null }, body);
};
const error = (make: () => unknown): Step => ({ error: make });
const down = error(() => new BadGatewayError('catalog'));

/** What is seen of the four answers: failures counted, attempts made, source given, word told. */
interface Answers {
  readonly ending: Ending;
  readonly circuit: number;
  readonly attempts: number;
  readonly source: string;
  readonly word: Outcome;
}

/** One call that ends in a step, after a failure that the circuit has counted. */
async function ask(
  step: Step,
  { counts, on, ...options }: DependencyOptions & Asked = {},
  caller: { deadlineMs?: number; hangsUp?: boolean } = {},
): Promise<Answers> {
  const { resilience, clock, events, registry } = testResilience();
  const catalog = resilience.dependency('catalog', {
    timeoutMs: 1_000,
    idempotent: true,
    retry: { attempts: 2, backoff: { initialMs: 1 }, ...(on ? { on } : {}) },
    breaker: { trip: { kind: 'consecutive', failures: 100 }, ...(counts ? { counts } : {}) },
    ...options,
  });
  const provider = new ScriptedDependency<string>(clock, [down]);
  await catalog.execute(provider.call, { idempotent: false }).catch(() => {});
  assert.equal(catalog.breakers()[0]?.failures, 1);
  provider.script([step]);
  const gone = new AbortController();
  const calling = catalog.executeWithSource(provider.call, {
    signal: gone.signal,
    fallback: [{ source: 'degraded', value: 'none' }],
    ...(caller.deadlineMs === undefined
      ? {}
      : { deadline: Deadline.after(caller.deadlineMs, clock) }),
  });
  const source = calling.then(
    (given) => given.source,
    () => 'thrown',
  );
  if (caller.hangsUp) gone.abort();
  await clock.advance(10_000);
  await settle();
  const last = events.calls.at(-1);
  assert.ok(last);
  const labels = { dependency: 'catalog', outcome: last.outcome };
  assert.ok((await metricValue(registry, METRICS.calls, labels)) >= 1, 'as events tell it');
  const attempted = (await metricValue(registry, `${METRICS.attemptDuration}_count`)) - 1;
  assert.equal(attempted, provider.seen.length - 1, 'each attempt is told, whatever its word');
  return {
    ending: last.ending,
    circuit: (catalog.breakers()[0]?.failures ?? 0) - 1,
    attempts: provider.seen.length - 1,
    source: await source,
    word: last.outcome,
  };
}

type Asked = Pick<NonNullable<Exclude<DependencyOptions['breaker'], false>>, 'counts'> &
  Pick<NonNullable<Exclude<DependencyOptions['retry'], false>>, 'on'>;

const short = { deadlineMs: 100 };
const long = { deadlineMs: 900 };
const conflict = error(() => new ConflictError('no'));
const full = error(() => new BulkheadFullError('inner'));
const limited = error(() => new RateLimitError('slow down'));

/** `circuit`: +n failures counted; -1: a success set the count back; 0: nothing was said. */
const defaults: [
  what: string,
  expected: Answers,
  step: Step,
  caller?: Parameters<typeof ask>[2],
][] = [
  ['a value', is('succeeded', -1, 1, 'primary', 'success'), { value: 'item' }],
  ['a failure', is('failed', 2, 2, 'degraded', 'failure'), down],
  ['a timeout', is('timed_out', 2, 2, 'degraded', 'failure'), 'hang'],
  ['a failure further down', is('failed_beyond', -1, 1, 'degraded', 'failure'), error(nested)],
  ['a conflict', is('answered', -1, 1, 'thrown', 'ignored'), conflict],
  ['429', is('turned_away', 0, 2, 'degraded', 'ignored'), limited],
  ['a full bulkhead inside', is('refused', 0, 1, 'degraded', 'rejected'), full],
  ['a hasty deadline', is('out_of_time', 0, 1, 'thrown', 'cancelled'), 'hang', short],
  ['a patient deadline', is('hung', 1, 1, 'thrown', 'failure'), 'hang', long],
  ['no time to begin', is('rejected', 0, 0, 'thrown', 'rejected'), 'hang', { deadlineMs: 0 }],
  ['a hang-up', is('cancelled', 0, 1, 'thrown', 'cancelled'), 'hang', { hangsUp: true }],
];

function is(
  ending: Ending,
  circuit: number,
  attempts: number,
  source: string,
  word: Outcome,
): Answers {
  return { ending, circuit, attempts, source, word };
}

for (const [what, expected, step, caller] of defaults) {
  test(`${what}: ${expected.ending}`, async () => {
    assert.deepEqual(await ask(step, {}, caller), expected);
  });
}

test('each option moves its own answer and no other', async () => {
  const standard = await ask(error(nested));
  const moved = async (options: DependencyOptions & Asked) => ask(error(nested), options);
  assert.deepEqual(await moved({ counts: () => 'failure' }), { ...standard, circuit: 1 });
  assert.deepEqual(await moved({ on: () => true }), { ...standard, attempts: 2 });
  assert.deepEqual(await moved({ fallbackOn: () => false }), { ...standard, source: 'thrown' });
  assert.deepEqual(await moved({ reportAs: () => 'ignored' }), { ...standard, word: 'ignored' });
  assert.deepEqual(
    await moved({
      describe: (thrown) => (thrown instanceof BadGatewayError ? 'failed' : 'answered'),
    }),
    is('answered', -1, 1, 'thrown', 'ignored'),
    'another reading of the error moves them all',
  );
});

test('an option is told the ending and the error', async () => {
  const told: unknown[] = [];
  await ask(conflict, {
    describe: (thrown, { boundBy, timeoutMs, waitedMs }) => {
      told.push(thrown instanceof ConflictError, boundBy, timeoutMs, waitedMs);
      return undefined;
    },
    fallbackOn: (outcome) => {
      told.push(outcome.ending, outcome.error instanceof ConflictError);
      return false;
    },
  });
  assert.deepEqual(told.slice(-6), [true, 'timeout', 1_000, 0, 'answered', true]);
});

test('an option that throws or gives nonsense is passed over', async () => {
  const bug = () => {
    throw new Error('bug');
  };
  const nonsense = () => 'nonsense' as never;
  for (const wrong of [bug, nonsense, async () => true]) {
    const own = wrong as never;
    assert.deepEqual(
      await ask(down, { describe: own, counts: own, on: own, fallbackOn: own, reportAs: own }),
      await ask(down),
      String(wrong),
    );
  }
});

test('nobody is asked where nobody waits: no retry, no fallback', async () => {
  const always = { on: () => true, fallbackOn: () => true };
  const gone = await ask('hang', always, { hangsUp: true });
  assert.deepEqual(gone, is('cancelled', 0, 1, 'thrown', 'cancelled'));
  const over = await ask('hang', always, short);
  assert.deepEqual([over.attempts, over.source], [1, 'thrown']);
});

test('a refusal of its own bulkhead is not retried, whatever is said', async () => {
  const { resilience, clock, events } = testResilience();
  const catalog = resilience.dependency('catalog', {
    retry: { on: () => true, backoff: { initialMs: 0 } },
    bulkhead: { concurrent: 1, queue: 0 },
  });
  const provider = new ScriptedDependency<string>(clock, ['hang']);
  const caller = new AbortController();
  const running = catalog.execute(provider.call, { signal: caller.signal });
  await assert.rejects(catalog.execute(provider.call), BulkheadFullError);
  caller.abort();
  await assert.rejects(running, RequestCancelledError);
  assert.equal(events.rejections.length, 1);
});

test('a peer that gave up before us leaves time for a value at hand', async () => {
  const early = error(() => new DeadlineExceededError('over'));
  const answers = await ask(early, {}, short);
  assert.deepEqual(answers, is('out_of_time', 0, 1, 'degraded', 'cancelled'));
});

test('what was never sent is a failure of the dependency all the same', async () => {
  const refused = error(() => new DependencyUnavailableError('catalog', { delivery: 'not_sent' }));
  assert.equal((await ask(refused)).circuit, 2);
});

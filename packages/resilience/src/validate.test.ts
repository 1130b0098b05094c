import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantBackoff } from 'cockatiel';
import type { DependencyOptions } from './options.ts';
import { validate } from './validate.ts';

const problemsOf = (options: unknown, name = 'catalog') => {
  try {
    validate(name, options as DependencyOptions);
    return '';
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
};

test('takes no options, all options, and policies switched off', () => {
  assert.equal(problemsOf({}), '');
  assert.equal(problemsOf({ retry: false, breaker: false, bulkhead: false }), '');
  assert.equal(problemsOf({ retry: { budget: false, backoff: new ConstantBackoff(5) } }), '');
  const full: DependencyOptions = {
    timeoutMs: 1_000,
    leastUsefulMs: 5,
    idempotent: true,
    cacheEntries: 10,
    spanPerAttempt: true,
    describe: () => 'failed',
    fallbackOn: () => true,
    reportAs: () => 'failure',
    retry: {
      attempts: 2,
      longestRetryAfterMs: 1_000,
      on: () => true,
      backoff: { initialMs: 10, maxMs: 100, jitter: 'half' },
      budget: { ratio: 0.1, minPerSecond: 0, windowMs: 1_000 },
    },
    breaker: {
      trip: { kind: 'sampling', windowMs: 10_000, threshold: 0.5, minimumCalls: 5 },
      openMs: 5_000,
      halfOpen: { calls: 3, successes: 2 },
      counts: () => 'failure',
    },
    bulkhead: { concurrent: 1, queue: 0, longestWaitMs: 10 },
    fallback: [
      { source: 'fallback', call: () => 1 },
      { source: 'cache', maxAgeMs: 1_000 },
      { source: 'stale', maxAgeMs: 10_000 },
      { source: 'degraded', value: undefined },
    ],
  };
  assert.equal(problemsOf(full), '');
});

test('names every mistake at once, each with what was expected', () => {
  const message = problemsOf({ timeoutMs: 0, retry: { attempts: 1.5 }, bulkhead: { queue: -1 } });
  assert.equal(
    message,
    'dependency "catalog": timeoutMs is 0; expected a number from 1 to 86400000; ' +
      'retry.attempts is 1.5; expected a whole number from 1 to 20; ' +
      'bulkhead.queue is -1; expected a whole number from 0 to 1000000',
  );
});

test('finds a misspelt option and says which there are', () => {
  assert.match(problemsOf({ timeout: 5 }), /timeout is not an option; known are timeoutMs, /);
  assert.match(problemsOf({ retry: { atempts: 2 } }), /retry\.atempts is not an option/);
  assert.match(
    problemsOf({ breaker: { halfOpen: { call: 2 } } }),
    /halfOpen\.call is not an option/,
  );
});

const mistakes: [path: RegExp, options: unknown][] = [
  [/^dependency "catalog": {2}is null; expected an object/, null],
  [/timeoutMs is NaN/, { timeoutMs: Number.NaN }],
  [/timeoutMs is "5"/, { timeoutMs: '5' }],
  [/timeoutMs is Infinity/, { timeoutMs: Number.POSITIVE_INFINITY }],
  [/idempotent is "yes"; expected true or false/, { idempotent: 'yes' }],
  [/retry is true; expected an object/, { retry: true }],
  [
    /backoff\.jitter is "some"; expected "full" or "half"/,
    { retry: { backoff: { jitter: 'some' } } },
  ],
  [/budget\.ratio is -0\.1/, { retry: { budget: { ratio: -0.1 } } }],
  [/trip\.kind is "rate"/, { breaker: { trip: { kind: 'rate' } } }],
  [/trip\.failures is null/, { breaker: { trip: { kind: 'consecutive' } } }],
  [/trip\.threshold is 1.01; expected a number above 0, up to 1/, count({ threshold: 1.01 })],
  [/trip\.minimumCalls is 11; .* to 10/, count({ threshold: 0.5, minimumCalls: 11 })],
  [/trip\.windowMs is null/, { breaker: { trip: { kind: 'sampling', threshold: 0.5 } } }],
  [/halfOpen\.successes is 2; .* to 1/, { breaker: { halfOpen: { successes: 2 } } }],
  [/bulkhead\.concurrent is 0/, { bulkhead: { concurrent: 0 } }],
  [/retry\.on is true; expected a function/, { retry: { on: true } }],
  [/breaker\.counts is "failure"; expected a function/, { breaker: { counts: 'failure' } }],
  [/describe is null; expected a function/, { describe: null }],
  [/fallbackOn is true; expected a function/, { fallbackOn: true }],
  [/reportAs is "failure"; expected a function/, { reportAs: 'failure' }],
  [/fallback is \[object Object\]; expected a list/, { fallback: {} }],
  [/fallback\[0\]\.source is "other"/, { fallback: [{ source: 'other' }] }],
  [/fallback\[0\]\.call is undefined; expected a function/, { fallback: [{ source: 'fallback' }] }],
  [/fallback\[1\]\.maxAgeMs is null/, { fallback: [degraded(), { source: 'cache' }] }],
  [/fallback\[0\]\.value is missing/, { fallback: [{ source: 'degraded' }] }],
];
for (const [expected, options] of mistakes) {
  test(`refuses ${JSON.stringify(options)}`, () => assert.match(problemsOf(options), expected));
}

test('a name that is no label is refused', () => {
  for (const name of ['', 'Catalog', 'cat alog', '1st', 'a"b', 'a'.repeat(64)]) {
    assert.match(problemsOf({}, name), /is no label; expected lower-case letters/);
  }
});

function count(trip: object) {
  return { breaker: { trip: { kind: 'count', size: 10, ...trip } } };
}

function degraded() {
  return { source: 'degraded', value: 1 };
}

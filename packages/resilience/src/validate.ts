/**
 * Finds the mistakes of a declaration when it is made, all of them at once.
 *
 * @module
 */
import {
  type BreakerOptions,
  type BulkheadOptions,
  DEFAULTS,
  type DependencyOptions,
  type RetryOptions,
} from './options.ts';

/** A day: longer than any wait that is meant, shorter than a timer of the runtime can be. */
export const LONGEST_MS = 86_400_000;

const NAME = /^[a-z][a-z0-9_.-]{0,62}$/;

type Bounds = { readonly min: number; readonly max?: number; readonly whole?: boolean };

const DURATION: Bounds = { min: 1, max: LONGEST_MS };
const COUNT: Bounds = { min: 1, max: 1_000_000, whole: true };

/** Collects what is wrong with an object of options. */
class Problems {
  readonly found: string[] = [];

  number(path: string, value: unknown, { min, max = Number.MAX_SAFE_INTEGER, whole }: Bounds) {
    if (value === undefined) return;
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (fits && (!whole || Number.isInteger(value))) return;
    const kind = whole ? 'a whole number' : 'a number';
    this.found.push(`${path} is ${show(value)}; expected ${kind} from ${min} to ${max}`);
  }

  /** Above 0, at which the first failure of any number of calls would be enough, and up to 1. */
  share(path: string, value: unknown): void {
    if (typeof value === 'number' && value > 0 && value <= 1) return;
    this.found.push(`${path} is ${show(value)}; expected a number above 0, up to 1`);
  }

  oneOf(path: string, value: unknown, words: readonly unknown[]): void {
    if (value === undefined || words.includes(value)) return;
    this.found.push(`${path} is ${show(value)}; expected ${words.map(show).join(' or ')}`);
  }

  function(path: string, value: unknown): void {
    if (value === undefined || typeof value === 'function') return;
    this.found.push(`${path} is ${show(value)}; expected a function`);
  }

  /** Whether `value` is an object to look into; its keys must be among the known ones. */
  object(path: string, value: unknown, known: readonly string[]): boolean {
    if (value === undefined || value === false) return false;
    if (typeof value !== 'object' || value === null) {
      this.found.push(`${path} is ${show(value)}; expected an object`);
      return false;
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const at = path === '' ? key : `${path}.${key}`;
      this.found.push(`${at} is not an option; known are ${known.join(', ')}`);
    }
    return true;
  }
}

/**
 * Checks a declaration.
 *
 * @throws {TypeError} naming the dependency and every mistake, each with what was expected.
 */
export function validate(name: string, options: DependencyOptions): void {
  const problems = new Problems();
  if (!NAME.test(name)) {
    problems.found.push(
      `the name ${show(name)} is no label; expected lower-case letters, digits, "_", "." and "-"`,
    );
  }
  const known = [
    ...['timeoutMs', 'leastUsefulMs', 'idempotent', 'retry', 'breaker', 'bulkhead', 'fallback'],
    ...['cacheEntries', 'describe', 'fallbackOn', 'reportAs', 'spanPerAttempt'],
  ];
  if (problems.object('', options, known)) {
    problems.number('timeoutMs', options.timeoutMs, DURATION);
    problems.number('leastUsefulMs', options.leastUsefulMs, { min: 0, max: LONGEST_MS });
    problems.number('cacheEntries', options.cacheEntries, COUNT);
    problems.oneOf('idempotent', options.idempotent, [true, false]);
    problems.oneOf('spanPerAttempt', options.spanPerAttempt, [true, false]);
    problems.function('describe', options.describe);
    problems.function('fallbackOn', options.fallbackOn);
    problems.function('reportAs', options.reportAs);
    checkRetry(problems, options.retry);
    checkBreaker(problems, options.breaker);
    checkBulkhead(problems, options.bulkhead);
    checkFallback(problems, options.fallback);
  }
  if (problems.found.length > 0) {
    throw new TypeError(`dependency ${show(name)}: ${problems.found.join('; ')}`);
  }
}

function checkRetry(problems: Problems, retry: RetryOptions | false | undefined): void {
  const known = ['attempts', 'backoff', 'budget', 'longestRetryAfterMs', 'on'];
  if (!problems.object('retry', retry, known) || !retry) return;
  problems.number('retry.attempts', retry.attempts, { min: 1, max: 20, whole: true });
  problems.number('retry.longestRetryAfterMs', retry.longestRetryAfterMs, {
    min: 0,
    max: LONGEST_MS,
  });
  problems.function('retry.on', retry.on);
  const { backoff, budget } = retry;
  if (backoff !== undefined && 'next' in backoff === false) {
    if (problems.object('retry.backoff', backoff, ['initialMs', 'maxMs', 'jitter'])) {
      problems.number('retry.backoff.initialMs', backoff.initialMs, { min: 0, max: LONGEST_MS });
      problems.number('retry.backoff.maxMs', backoff.maxMs, { min: 0, max: LONGEST_MS });
      problems.oneOf('retry.backoff.jitter', backoff.jitter, ['full', 'half', 'none']);
    }
  }
  if (problems.object('retry.budget', budget, ['ratio', 'minPerSecond', 'windowMs']) && budget) {
    problems.number('retry.budget.ratio', budget.ratio, { min: 0, max: 20 });
    problems.number('retry.budget.minPerSecond', budget.minPerSecond, { min: 0, max: 1_000_000 });
    problems.number('retry.budget.windowMs', budget.windowMs, { min: 100, max: LONGEST_MS });
  }
}

function checkBreaker(problems: Problems, breaker: BreakerOptions | false | undefined): void {
  const known = ['trip', 'openMs', 'halfOpen', 'counts'];
  if (!problems.object('breaker', breaker, known) || !breaker) return;
  problems.function('breaker.counts', breaker.counts);
  problems.number('breaker.openMs', breaker.openMs, DURATION);
  const { halfOpen, trip } = breaker;
  if (problems.object('breaker.halfOpen', halfOpen, ['calls', 'successes'])) {
    const calls = halfOpen?.calls ?? DEFAULTS.halfOpen.calls;
    problems.number('breaker.halfOpen.calls', calls, { min: 1, max: 1_000, whole: true });
    problems.number('breaker.halfOpen.successes', halfOpen?.successes, {
      min: 1,
      max: calls,
      whole: true,
    });
  }
  if (trip === undefined || typeof trip === 'function') return;
  problems.oneOf('breaker.trip.kind', trip.kind, ['consecutive', 'count', 'sampling']);
  if (trip.kind === 'consecutive') {
    problems.object('breaker.trip', trip, ['kind', 'failures']);
    problems.number('breaker.trip.failures', trip.failures ?? null, COUNT);
  } else if (trip.kind === 'count') {
    problems.object('breaker.trip', trip, ['kind', 'size', 'threshold', 'minimumCalls']);
    problems.number('breaker.trip.size', trip.size ?? null, { ...COUNT, max: 100_000 });
    problems.share('breaker.trip.threshold', trip.threshold);
    problems.number('breaker.trip.minimumCalls', trip.minimumCalls, { ...COUNT, max: trip.size });
  } else if (trip.kind === 'sampling') {
    problems.object('breaker.trip', trip, ['kind', 'windowMs', 'threshold', 'minimumCalls']);
    problems.number('breaker.trip.windowMs', trip.windowMs ?? null, { min: 10, max: LONGEST_MS });
    problems.share('breaker.trip.threshold', trip.threshold);
    problems.number('breaker.trip.minimumCalls', trip.minimumCalls, COUNT);
  }
}

function checkBulkhead(problems: Problems, bulkhead: BulkheadOptions | false | undefined): void {
  const known = ['concurrent', 'queue', 'longestWaitMs'];
  if (!problems.object('bulkhead', bulkhead, known) || !bulkhead) return;
  problems.number('bulkhead.concurrent', bulkhead.concurrent, COUNT);
  problems.number('bulkhead.queue', bulkhead.queue, { ...COUNT, min: 0 });
  problems.number('bulkhead.longestWaitMs', bulkhead.longestWaitMs, DURATION);
}

function checkFallback(problems: Problems, steps: DependencyOptions['fallback']): void {
  if (steps === undefined) return;
  if (!Array.isArray(steps)) {
    problems.found.push(`fallback is ${show(steps)}; expected a list of steps`);
    return;
  }
  for (const [index, step] of steps.entries()) {
    const path = `fallback[${index}]`;
    problems.oneOf(`${path}.source`, step?.source ?? null, [
      'fallback',
      'cache',
      'stale',
      'degraded',
    ]);
    if (step?.source === 'fallback' && typeof step.call !== 'function') {
      problems.found.push(`${path}.call is ${show(step.call)}; expected a function`);
    }
    if (step?.source === 'cache' || step?.source === 'stale') {
      problems.number(`${path}.maxAgeMs`, step.maxAgeMs ?? null, DURATION);
    }
    if (step?.source === 'degraded' && !('value' in step)) {
      problems.found.push(`${path}.value is missing; expected a value or a function that gives it`);
    }
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

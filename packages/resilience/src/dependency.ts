/**
 * One thing this service depends on, and the way every call to it is protected. From outside in:
 * fallback, retry (with budget), breaker, bulkhead, timeout, attempt; the caller's deadline and its
 * going away bound all of it.
 *
 * @module
 */
import type { Waits } from './backoff.ts';
import type { BreakerSnapshot, IsolateOptions, Permit } from './breaker/breaker.ts';
import { Call, type CallOptions } from './call.ts';
import type { Clock } from './clock.ts';
import { decide, isReplaceable, YES_OR_NO } from './deciders.ts';
import { standing } from './delivery.ts';
import type { Dispatcher } from './events.ts';
import { type FallbackStep, fallBack, type Sourced } from './fallback.ts';
import { type AttemptFunction, Guard } from './guard.ts';
import type { Measurable } from './metrics.ts';
import type { CircuitState } from './names.ts';
import { DEFAULTS, type DependencyOptions } from './options.ts';
import { AttemptOutcome, retryReason, SUCCEEDED } from './outcome.ts';
import { RetryPolicy } from './retry.ts';
import { discourageRetry } from './retry-hint.ts';
import type { Random } from './seeded-random.ts';
import { ValueCache } from './value-cache.ts';

/** What a dependency needs from around it. */
export interface DependencySurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Dispatcher;
}

const NO_OPTIONS: CallOptions<never> = {};
const NO_STEPS: readonly FallbackStep<never>[] = [];

/**
 * A declared dependency. Made by {@link Resilience.dependency}.
 *
 * @example
 * const search = dependency('search', { timeoutMs: 500, idempotent: true });
 * const found = await search.execute(({ signal }) => find(words, signal), { deadline });
 */
export class Dependency implements Measurable {
  readonly name: string;
  readonly #options: DependencyOptions;
  readonly #clock: Clock;
  readonly #events: Dispatcher;
  readonly #guard: Guard;
  readonly #retry: RetryPolicy | undefined;
  readonly #cache: ValueCache;

  constructor(
    name: string,
    options: DependencyOptions,
    { clock, random, events }: DependencySurroundings,
  ) {
    this.name = name;
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#guard = new Guard(name, options, clock, events);
    this.#cache = new ValueCache(options.cacheEntries ?? DEFAULTS.cacheEntries);
    const leastUsefulMs = options.leastUsefulMs ?? DEFAULTS.leastUsefulMs;
    this.#retry =
      options.retry === false
        ? undefined
        : new RetryPolicy(options.retry ?? {}, leastUsefulMs, random);
  }

  /**
   * Calls the dependency.
   *
   * @param fn called once an attempt; it passes `signal` on and reads the whole answer before it
   *   returns, or neither timeout nor deadline bound what is left.
   * @throws what the last attempt threw, or an earlier one that knows less about what became of the
   *   request; {@link DependencyTimeoutError}; {@link CircuitOpenError} and
   *   {@link BulkheadFullError} when nothing was sent; `DeadlineExceededError` when the deadline is
   *   over; `RequestCancelledError`, or the signal's own reason, when the caller went away.
   */
  execute<T>(fn: AttemptFunction<T>, options: CallOptions<T> = NO_OPTIONS): Promise<T> {
    const call = this.#start(options);
    const plain = options.cacheKey === undefined && this.#steps(options).length === 0;
    if (plain) return this.#run(fn, call);
    return this.#runOrFallBack(fn, call, options).then(({ value }) => value);
  }

  /** {@link execute}, with where the value came from. */
  async executeWithSource<T>(
    fn: AttemptFunction<T>,
    options: CallOptions<T> = NO_OPTIONS,
  ): Promise<Sourced<T>> {
    return this.#runOrFallBack(fn, this.#start(options), options);
  }

  /** Refuses all calls for a while, by hand. See {@link IsolateOptions}. */
  isolate(options: IsolateOptions): void {
    const { breaker } = this.#guard;
    if (!breaker) throw new TypeError(`dependency "${this.name}" has no breaker to isolate`);
    breaker.isolate(options);
  }

  /** Ends an isolation; false when there is none. */
  release(options: Omit<IsolateOptions, 'forMs'>): boolean {
    return this.#guard.breaker?.release(options) ?? false;
  }

  /** The state of its circuit, as a list; empty where it has none. */
  breakers(): BreakerSnapshot[] {
    const { breaker } = this.#guard;
    return breaker ? [breaker.snapshot()] : [];
  }

  get circuitState(): CircuitState | undefined {
    return this.#guard.breaker?.state;
  }

  get bulkhead(): Measurable['bulkhead'] {
    return this.#guard.bulkhead;
  }

  get abandoned(): number {
    return this.#guard.abandoned;
  }

  retryBudgetRemaining(): number | undefined {
    return this.#retry?.budget?.remaining(this.#clock.now());
  }

  #start<T>(options: CallOptions<T>): Call {
    const idempotent = this.#options.idempotent ?? false;
    return new Call(options, this.#clock.now(), idempotent, this.#guard.breaker);
  }

  #steps<T>(options: CallOptions<T>): readonly FallbackStep<T>[] {
    return (options.fallback ?? this.#options.fallback ?? NO_STEPS) as readonly FallbackStep<T>[];
  }

  #run<T>(fn: AttemptFunction<T>, call: Call): Promise<T> {
    const admitted = this.#guard.admit(call, call.startedAt);
    if (admitted instanceof AttemptOutcome) {
      this.#ended(call, admitted, call.startedAt);
      return rejectSoon(admitted.error);
    }
    this.#retry?.budget?.called(call.startedAt);
    return this.#attempts(fn, call, admitted);
  }

  async #attempts<T>(fn: AttemptFunction<T>, call: Call, permit: Permit | undefined): Promise<T> {
    let admitted: Permit | undefined | AttemptOutcome = permit;
    let failed: AttemptOutcome | undefined;
    let waits: Waits | undefined;
    try {
      for (;;) {
        if (admitted instanceof AttemptOutcome) {
          failed = standing(failed, admitted);
          throw failed.error;
        }
        try {
          return await this.#guard.attempt(fn, call, admitted);
        } catch (error) {
          failed = standing(failed, call.latest);
          call.failed(error);
          if (this.#retry === undefined) throw failed.error;
          waits ??= this.#retry.start();
          const waitMs = this.#planRetry(this.#retry, call, waits);
          if (waitMs === undefined) {
            if (call.attempts > 1) discourageRetry(failed.error);
            throw failed.error;
          }
          await this.#sleep(call, waitMs);
        }
        admitted = this.#guard.admit(call, this.#clock.now());
      }
    } finally {
      const succeeded = call.latest === SUCCEEDED;
      const outcome = succeeded ? SUCCEEDED : (failed ?? call.latest);
      this.#ended(call, outcome, succeeded ? call.endedAt : this.#clock.now());
    }
  }

  #ended(call: Call, outcome: AttemptOutcome, endedAt: number): void {
    call.end();
    call.latest = outcome;
    this.#events.emit('onCall', {
      dependency: this.name,
      outcome: this.#guard.word(outcome),
      ending: outcome.ending,
      durationMs: endedAt - call.startedAt,
      attempts: call.attempts,
      error: outcome.error,
    });
  }

  /** How long to wait for the next attempt; undefined when there is none. */
  #planRetry(retry: RetryPolicy, call: Call, waits: Waits): number | undefined {
    const dependency = this.name;
    const attempt = call.attempts;
    const outcome = call.latest;
    const { error } = outcome;
    const plan = retry.plan(outcome, call, waits, this.#clock.now());
    if (plan === undefined) return undefined;
    if ('skipped' in plan) {
      if (plan.skipped === 'budget') discourageRetry(error);
      this.#events.emit('onRetrySkipped', { dependency, reason: plan.skipped, attempt, error });
      return undefined;
    }
    const delayMs = plan.waitMs;
    this.#events.emit('onRetry', {
      dependency,
      reason: retryReason(outcome),
      attempt,
      delayMs,
      error,
    });
    return delayMs;
  }

  /** Waits, and no longer once the caller has gone away. */
  #sleep(call: Call, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        call.onCancel = undefined;
        resolve();
      };
      const timer = this.#clock.setTimer(wake, ms);
      call.onCancel = wake;
    });
  }

  async #runOrFallBack<T>(
    fn: AttemptFunction<T>,
    call: Call,
    options: CallOptions<T>,
  ): Promise<Sourced<T>> {
    const { cacheKey } = options;
    try {
      const value = await this.#run(fn, call);
      this.#cache.set(cacheKey, value, call.endedAt);
      return { value, source: 'primary' };
    } catch (error) {
      const steps = this.#steps(options);
      if (steps.length === 0 || !this.#isReplaceable(call)) throw error;
      const instead = this.#start(options);
      const found = await fallBack(steps, {
        error,
        call: instead,
        cache: this.#cache,
        cacheKey,
        run: (step) => this.#guard.aside(step, instead),
      });
      instead.end();
      const { name } = this;
      this.#events.emit('onFallback', { dependency: name, source: found?.source, error });
      if (found === undefined) throw error;
      return found;
    }
  }

  /** Whether something else may answer, for somebody who still waits. */
  #isReplaceable(call: Call): boolean {
    if (call.cancelled || call.remainingMs() === 0) return false;
    return decide(this.#options.fallbackOn, YES_OR_NO, isReplaceable, call.latest);
  }
}

/**
 * A promise that rejects when its caller listens already. Rejected at once, it would pass through
 * the runtime's tracking of rejections that nobody handles, which costs more than all the rest of a
 * refusal.
 */
function rejectSoon(error: unknown): Promise<never> {
  return new Promise((_, reject) => queueMicrotask(() => reject(error)));
}

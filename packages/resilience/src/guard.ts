/**
 * One attempt through breaker, bulkhead and timeout.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import { Attempt, type AttemptContext, type AttemptSettings } from './attempt.ts';
import { Breaker, type Permit, type Result } from './breaker/breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import { decide, EVIDENCE, evidenceOf, outcomeWord } from './deciders.ts';
import {
  BulkheadFullError,
  CircuitIsolatedError,
  CircuitOpenError,
  deadlineExceeded,
  withoutStack,
} from './errors.ts';
import type { Dispatcher } from './events.ts';
import { OUTCOMES, type Outcome, type RejectionReason } from './names.ts';
import { DEFAULTS, type DependencyOptions } from './options.ts';
import { AttemptOutcome, cutShort, describe, ENDINGS, type Ending, SUCCEEDED } from './outcome.ts';
import { endAttemptSpan, inAttemptContext, startAttemptSpan } from './telemetry/attempt-span.ts';
import { TimeoutQueue } from './timeout-queue.ts';

/** A function that calls the dependency. */
export type AttemptFunction<T> = (context: AttemptContext) => T | PromiseLike<T>;

/** The inner policies of one dependency: breaker, bulkhead and timeout. */
export class Guard {
  readonly bulkhead: Bulkhead | undefined;
  /** Undefined where the dependency has none. */
  readonly breaker: Breaker | undefined;
  readonly #name: string;
  readonly #options: DependencyOptions;
  readonly #clock: Clock;
  readonly #events: Dispatcher;
  readonly #settings: AttemptSettings;

  constructor(name: string, options: DependencyOptions, clock: Clock, events: Dispatcher) {
    this.#name = name;
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    const { breaker = {}, bulkhead = {} } = options;
    this.bulkhead = bulkhead === false ? undefined : new Bulkhead(bulkhead, clock);
    if (breaker !== false) {
      this.breaker = new Breaker(name, breaker, clock, (transition) => {
        events.emit('onTransition', { dependency: name, breaker: name, ...transition });
      });
    }
    this.#settings = {
      dependency: name,
      timeoutMs: options.timeoutMs ?? DEFAULTS.timeoutMs,
      clock,
      timeouts: new TimeoutQueue(clock),
      abandoned: 0,
    };
  }

  /** Attempts given up on that still run. */
  get abandoned(): number {
    return this.#settings.abandoned;
  }

  /**
   * Asks whether an attempt may start. Gives the permit for {@link attempt}, undefined where there
   * is no circuit to give one, and an outcome, rather than throwing its error, where the answer is
   * no.
   */
  admit(call: Call, now: number): Permit | AttemptOutcome | undefined {
    if (call.cancelled) return this.#cancelled(call);
    if (call.remainingMs() < (this.#options.leastUsefulMs ?? DEFAULTS.leastUsefulMs)) {
      return this.#refused(call, 'deadline', now);
    }
    const permit = call.breaker?.acquire(now);
    return typeof permit === 'string' ? this.#refused(call, permit, now) : permit;
  }

  /** Makes an admitted attempt; `call.latest` says how it went. */
  async attempt<T>(fn: AttemptFunction<T>, call: Call, admitted: Permit | undefined): Promise<T> {
    const { bulkhead } = this;
    let permit = admitted;
    let entered = false;
    let made = false;
    try {
      if (bulkhead !== undefined) {
        const free = bulkhead.tryEnter();
        if (!free) await this.#wait(bulkhead, call);
        entered = true;
        if (!free) permit = this.#renew(permit, call);
      }
      made = true;
      return await this.#run(fn, call);
    } finally {
      if (permit !== undefined) {
        const result = made ? this.#resultOf(call.latest) : 'nothing';
        call.breaker?.settle(permit, result, call.latest.error);
      }
      if (entered) bulkhead?.leave();
    }
  }

  /** The word of metrics for an outcome. */
  word(outcome: AttemptOutcome): Outcome {
    if (outcome === SUCCEEDED) return 'success';
    return decide(this.#options.reportAs, OUTCOMES, outcomeWord, outcome);
  }

  /** Runs something else within the bounds of an attempt, past breaker and bulkhead. */
  aside<T>(fn: AttemptFunction<T>, call: Call): Promise<T> {
    return new Attempt(this.#settings, call, 1, this.#clock.now()).run(fn);
  }

  async #run<T>(fn: AttemptFunction<T>, call: Call): Promise<T> {
    const number = ++call.attempts;
    const attempt = new Attempt(this.#settings, call, number, this.#clock.now());
    const span = this.#options.spanPerAttempt ? startAttemptSpan(this.#name, number) : undefined;
    try {
      const value = await attempt.run(inAttemptContext(fn, number, span));
      call.latest = SUCCEEDED;
      return value;
    } catch (error) {
      call.latest = new AttemptOutcome(this.#endingOf(error, attempt), error);
      throw error;
    } finally {
      const { ending, error } = call.latest;
      const outcome = this.word(call.latest);
      call.endedAt = this.#clock.now();
      if (span) endAttemptSpan(span, outcome, error);
      this.#events.emit('onAttempt', {
        dependency: this.#name,
        attempt: number,
        outcome,
        ending,
        durationMs: call.endedAt - attempt.startedAt,
        error,
      });
    }
  }

  #endingOf(error: unknown, attempt: Attempt): Ending {
    if (attempt.endedBy === 'caller') return 'cancelled';
    if (attempt.endedBy === 'deadline') return cutShort(attempt);
    if (attempt.endedBy === 'timeout') return 'timed_out';
    try {
      const ending = this.#options.describe?.(error, attempt) as Ending | undefined;
      if (ending !== undefined && ending !== 'succeeded' && ENDINGS.includes(ending)) return ending;
    } catch {
      // As if it had not been asked.
    }
    return describe(error, attempt);
  }

  #resultOf(outcome: AttemptOutcome): Result {
    if (outcome === SUCCEEDED) return 'success';
    const { breaker } = this.#options;
    const evidence = decide(breaker ? breaker.counts : undefined, EVIDENCE, evidenceOf, outcome);
    return evidence === 'nothing' && outcome.endedByCaller ? 'given_up' : evidence;
  }

  async #wait(bulkhead: Bulkhead, call: Call): Promise<void> {
    const answer = await bulkhead.enter(call);
    if (answer === 'cancelled') throw this.#cancelled(call).error;
    if (answer !== 'entered') throw this.#refused(call, answer, this.#clock.now()).error;
  }

  /** While an attempt waited, its caller may have gone, or others may have opened the circuit. */
  #renew(permit: Permit | undefined, call: Call): Permit | undefined {
    const current = permit === undefined || call.breaker?.isCurrent(permit) === true;
    if (current && !call.cancelled) return permit;
    const again = current ? this.#cancelled(call) : this.admit(call, this.#clock.now());
    if (again instanceof AttemptOutcome) throw again.error;
    return again;
  }

  #cancelled(call: Call): AttemptOutcome {
    call.latest = new AttemptOutcome('cancelled', call.cancellation(this.#name, false));
    return call.latest;
  }

  #refused(call: Call, reason: RejectionReason, now: number): AttemptOutcome {
    const error = this.#rejection(reason, call.breaker?.retryAfterMs(now) ?? 0);
    call.latest = new AttemptOutcome('rejected', error);
    this.#events.emit('onRejection', {
      dependency: this.#name,
      reason,
      attempt: call.attempts + 1,
    });
    return call.latest;
  }

  #rejection(reason: RejectionReason, retryAfterMs: number): AppError {
    if (reason === 'deadline') return deadlineExceeded(this.#name, 'not_sent');
    if (reason === 'bulkhead_full' || reason === 'bulkhead_wait') {
      return withoutStack(() => new BulkheadFullError(this.#name));
    }
    const retryAfterS = retryAfterMs > 0 ? Math.ceil(retryAfterMs / 1_000) : undefined;
    const Rejection = reason === 'circuit_isolated' ? CircuitIsolatedError : CircuitOpenError;
    return withoutStack(() => new Rejection(this.#name, retryAfterS));
  }
}

/**
 * One attempt through breaker, bulkhead and timeout.
 *
 * @module
 */
import type { AppError } from '@breakwater/errors';
import { Attempt, type AttemptContext, type AttemptSettings } from './attempt.ts';
import { Breaker, type Permit, type Result } from './breaker/breaker.ts';
import { KeyedBreakers } from './breaker/keyed-breakers.ts';
import { Bulkhead } from './bulkhead.ts';
import type { Call } from './call.ts';
import { classify, type Verdict } from './classify.ts';
import type { Clock } from './clock.ts';
import {
  BulkheadFullError,
  CircuitIsolatedError,
  CircuitOpenError,
  deadlineExceeded,
  withoutStack,
} from './errors.ts';
import type { AttemptEvent, Dispatcher } from './events.ts';
import type { RejectionReason } from './names.ts';
import { DEFAULTS, type DependencyOptions } from './options.ts';
import { endAttemptSpan, inAttemptContext, startAttemptSpan } from './telemetry/attempt-span.ts';
import { TimeoutQueue } from './timeout-queue.ts';

/** A function that calls the dependency. */
export type AttemptFunction<T> = (context: AttemptContext) => T | PromiseLike<T>;

/** The inner policies of one dependency: breaker, bulkhead and timeout. */
export class Guard {
  readonly bulkhead: Bulkhead | undefined;
  readonly #name: string;
  readonly #options: DependencyOptions;
  readonly #clock: Clock;
  readonly #events: Dispatcher;
  readonly #breaker: Breaker | undefined;
  readonly #keyed: KeyedBreakers | undefined;
  readonly #settings: AttemptSettings;

  constructor(name: string, options: DependencyOptions, clock: Clock, events: Dispatcher) {
    this.#name = name;
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    const { breaker = {}, bulkhead = {} } = options;
    this.bulkhead = bulkhead === false ? undefined : new Bulkhead(bulkhead, clock);
    if (breaker !== false) {
      const create = (breakerName: string) =>
        new Breaker(breakerName, breaker, clock, (transition) => {
          events.emit('onTransition', { dependency: name, breaker: breakerName, ...transition });
        });
      this.#breaker = create(name);
      this.#keyed = new KeyedBreakers(breaker.keys ?? DEFAULTS.breaker.keys, (key) =>
        create(`${name}/${key}`),
      );
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

  /** The circuit of a key, or the dependency's own one; undefined where there is none. */
  breaker(key?: string): Breaker | undefined {
    return key === undefined ? this.#breaker : this.#keyed?.get(key);
  }

  /** Every circuit there is at present, the dependency's own one first. */
  breakers(): Breaker[] {
    return this.#breaker ? [this.#breaker, ...(this.#keyed?.values() ?? [])] : [];
  }

  /**
   * Asks whether an attempt may start. Gives the permit for {@link attempt}, undefined where there
   * is no circuit to give one, and an error, rather than throwing it, where the answer is no.
   */
  admit(call: Call, now: number): Permit | AppError | undefined {
    if (call.cancelled) return this.#cancelled(call);
    if (call.remainingMs() < (this.#options.leastUsefulMs ?? DEFAULTS.leastUsefulMs)) {
      return this.#refused(call, 'deadline', now);
    }
    const permit = call.breaker?.acquire(now);
    return typeof permit === 'string' ? this.#refused(call, permit, now) : permit;
  }

  /** Makes an admitted attempt; `call.outcome` says how it went. */
  async attempt<T>(fn: AttemptFunction<T>, call: Call, admitted: Permit | undefined): Promise<T> {
    const { bulkhead } = this;
    let permit = admitted;
    let entered = false;
    let result: Result = 'unknown';
    let failure: unknown;
    try {
      if (bulkhead !== undefined) {
        const free = bulkhead.tryEnter();
        if (!free) await this.#wait(bulkhead, call);
        entered = true;
        if (!free) permit = this.#renew(permit, call);
      }
      const value = await this.#run(fn, call);
      result = 'success';
      return value;
    } catch (error) {
      // An answer that is the caller's to deal with shows that the dependency works.
      if (call.outcome === 'ignored') result = 'success';
      if (call.outcome === 'failure') result = 'failure';
      failure = error;
      throw error;
    } finally {
      if (permit !== undefined) call.breaker?.settle(permit, result, failure);
      if (entered) bulkhead?.leave();
    }
  }

  /** Runs something else within the bounds of an attempt, past breaker and bulkhead. */
  aside<T>(fn: AttemptFunction<T>, call: Call): Promise<T> {
    return new Attempt(this.#settings, call, 1, this.#clock.now()).run(fn);
  }

  async #run<T>(fn: AttemptFunction<T>, call: Call): Promise<T> {
    const number = ++call.attempts;
    const attempt = new Attempt(this.#settings, call, number, this.#clock.now());
    const span = this.#options.spanPerAttempt ? startAttemptSpan(this.#name, number) : undefined;
    let failure: unknown;
    try {
      const value = await attempt.run(inAttemptContext(fn, number, span));
      call.outcome = 'success';
      return value;
    } catch (error) {
      call.outcome = this.#verdict(error, attempt);
      failure = error;
      throw error;
    } finally {
      call.endedAt = this.#clock.now();
      if (span) endAttemptSpan(span, call.outcome, failure);
      this.#events.emit('onAttempt', {
        dependency: this.#name,
        attempt: number,
        outcome: call.outcome as AttemptEvent['outcome'],
        durationMs: call.endedAt - attempt.startedAt,
        error: failure,
      });
    }
  }

  #verdict(error: unknown, attempt: Attempt): Verdict {
    if (attempt.endedBy === 'caller' || attempt.endedBy === 'deadline') return 'cancelled';
    try {
      return (this.#options.classify ?? classify)(error, attempt);
    } catch {
      return classify(error, attempt);
    }
  }

  async #wait(bulkhead: Bulkhead, call: Call): Promise<void> {
    const answer = await bulkhead.enter(call);
    if (answer === 'cancelled') throw this.#cancelled(call);
    if (answer !== 'entered') throw this.#refused(call, answer, this.#clock.now());
  }

  /** While an attempt waited, its caller may have gone, or others may have opened the circuit. */
  #renew(permit: Permit | undefined, call: Call): Permit | undefined {
    const current = permit === undefined || call.breaker?.isCurrent(permit) === true;
    if (current && !call.cancelled) return permit;
    const again = current ? this.#cancelled(call) : this.admit(call, this.#clock.now());
    if (again instanceof Error) throw again;
    return again;
  }

  #cancelled(call: Call): AppError {
    call.outcome = 'cancelled';
    return call.cancellation(this.#name, false);
  }

  #refused(call: Call, reason: RejectionReason, now: number): AppError {
    call.outcome = 'rejected';
    this.#events.emit('onRejection', {
      dependency: this.#name,
      reason,
      attempt: call.attempts + 1,
    });
    return this.#rejection(reason, call.breaker?.retryAfterMs(now) ?? 0);
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

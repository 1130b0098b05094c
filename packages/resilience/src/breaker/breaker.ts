/**
 * A circuit breaker: the controller of the states in `states.ts`.
 *
 * Stands in for cockatiel's CircuitBreakerPolicy, whose half-open state queues callers without
 * bound, whose late results reopen a circuit that has moved on, whose listeners run inside the
 * guarded call, and which counts a caller's own cancellation as a failure.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import type { Evidence } from '../deciders.ts';
import type { CircuitState, RejectionReason } from '../names.ts';
import { type BreakerOptions, DEFAULTS, type HalfOpenOptions, withDefaults } from '../options.ts';
import { LONGEST_MS } from '../validate.ts';
import { type Admitting, Closed, HalfOpen, Isolated, Open, type State } from './states.ts';
import { createTrip } from './trip.ts';

/** Why a circuit changed its state. */
export type TransitionReason =
  | 'tripped'
  | 'open_time_over'
  | 'probes_succeeded'
  | 'probes_failed'
  | 'isolated'
  | 'released'
  | 'isolation_over';

/** One change of state. */
export interface Transition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: TransitionReason;
  /** Failures since the circuit was last closed, as far as they count towards opening. */
  readonly failures: number;
  /** How long the new state lasts by itself, in milliseconds; undefined where calls end it. */
  readonly lastsMs: number | undefined;
  /** The failure that opened it. */
  readonly error?: unknown;
  /** Who changed it by hand. */
  readonly by?: string;
  /** Why they did. */
  readonly why?: string;
}

/** Who holds a circuit open, why, and for how long at most. */
export interface IsolateOptions {
  readonly by: string;
  readonly why: string;
  /** Milliseconds, at most a day: nobody has to remember to end it. */
  readonly forMs: number;
}

/** The state of a circuit at one moment. */
export interface BreakerSnapshot {
  readonly name: string;
  /** `half_open` as soon as the next call would be a probe, though no call has come yet. */
  readonly state: CircuitState;
  readonly failures: number;
  /** Milliseconds until calls pass again; 0 where they do. */
  readonly retryAfterMs: number;
  readonly isolatedBy?: string;
  readonly isolatedWhy?: string;
}

/**
 * A permit to call, and the state that gave it. A result counts only in that very state: one that
 * arrives after the circuit has moved on tells about a time that is over.
 */
export type Permit = Admitting;

/**
 * What the result of a permitted call says. `nothing` frees a probe's place and counts nowhere;
 * `given_up` is the same of a call that its caller ended while it was under way.
 */
export type Result = Evidence | 'given_up';

/** One circuit. */
export class Breaker {
  readonly name: string;
  readonly #options: BreakerOptions;
  readonly #clock: Clock;
  readonly #onTransition: (transition: Transition) => void;
  #state: State;

  /** @param onTransition must not throw; called after the circuit has moved. */
  constructor(
    name: string,
    options: BreakerOptions,
    clock: Clock,
    onTransition: (transition: Transition) => void,
  ) {
    this.name = name;
    this.#options = options;
    this.#clock = clock;
    this.#onTransition = onTransition;
    this.#state = this.#closed();
  }

  /** Lets a call through, or says what refuses it. Every permit must be settled, once. */
  acquire(now: number = this.#clock.now()): Permit | RejectionReason {
    if (isOver(this.#state, now)) this.#startProbing();
    return this.#state.admit() ?? (this.#state as Permit);
  }

  /** Takes the result of a permitted call. */
  settle(permit: Permit, result: Result, error?: unknown): void {
    if (permit !== this.#state) return;
    if (result === 'nothing' || result === 'given_up') {
      permit.release(result === 'given_up');
      return;
    }
    const next = result === 'success' ? permit.succeeded() : permit.failed();
    if (next === 'closed') this.#move(this.#closed(), 'probes_succeeded');
    if (next === 'open') {
      const reason = permit.name === 'closed' ? 'tripped' : 'probes_failed';
      this.#move(new Open(this.#clock.now() + this.#openMs, permit.failures), reason, { error });
    }
  }

  /** Whether a permit still stands, after a wait between {@link acquire} and the call. */
  isCurrent(permit: Permit): boolean {
    return permit === this.#state;
  }

  /** Milliseconds until calls pass again; 0 where one would pass now or nobody can tell. */
  retryAfterMs(now: number = this.#clock.now()): number {
    return 'until' in this.#state ? Math.max(0, this.#state.until - now) : 0;
  }

  /** The state, `half_open` once the time of an open or isolated one is over. Changes nothing. */
  get state(): CircuitState {
    return isOver(this.#state, this.#clock.now()) ? 'half_open' : this.#state.name;
  }

  /**
   * Refuses all calls from now on, until released or the time is over; then probes decide. On a
   * circuit that is isolated already, the new terms replace the old ones.
   *
   * @throws {RangeError} when `forMs` is not from 1 to a day.
   */
  isolate({ by, why, forMs }: IsolateOptions): void {
    if (!(forMs >= 1 && forMs <= LONGEST_MS)) {
      throw new RangeError(`forMs is ${forMs}; expected milliseconds from 1 to ${LONGEST_MS}`);
    }
    const until = this.#clock.now() + forMs;
    const isolated = new Isolated(until, this.#state.failures, by, why);
    if (this.#state.name === 'isolated') this.#state = isolated;
    else this.#move(isolated, 'isolated', { by, why });
  }

  /** Ends an isolation: the next calls are probes. False when the circuit is not isolated. */
  release({ by, why }: Omit<IsolateOptions, 'forMs'>): boolean {
    if (this.#state.name !== 'isolated') return false;
    this.#move(this.#halfOpen(this.#state.failures), 'released', { by, why });
    return true;
  }

  snapshot(): BreakerSnapshot {
    const { name, state } = this;
    const { failures } = this.#state;
    const common = { name, state, failures, retryAfterMs: this.retryAfterMs() };
    if (this.#state.name !== 'isolated' || state !== 'isolated') return common;
    return { ...common, isolatedBy: this.#state.by, isolatedWhy: this.#state.why };
  }

  get #openMs(): number {
    return this.#options.openMs ?? DEFAULTS.breaker.openMs;
  }

  #closed(): Closed {
    return new Closed(createTrip(this.#options.trip, this.#clock));
  }

  #halfOpen(failures: number): HalfOpen {
    const { calls, successes } = withDefaults<HalfOpenOptions>(
      DEFAULTS.halfOpen,
      this.#options.halfOpen,
    );
    return new HalfOpen(calls, successes, failures);
  }

  #startProbing(): void {
    const reason = this.#state.name === 'open' ? 'open_time_over' : 'isolation_over';
    this.#move(this.#halfOpen(this.#state.failures), reason);
  }

  #move(
    to: State,
    reason: TransitionReason,
    detail: Pick<Transition, 'error' | 'by' | 'why'> = {},
  ) {
    const from = this.#state;
    this.#state = to;
    this.#onTransition({
      from: from.name,
      to: to.name,
      reason,
      failures: to.name === 'closed' ? from.failures : to.failures,
      lastsMs: 'until' in to ? to.until - this.#clock.now() : undefined,
      ...detail,
    });
  }
}

/** Whether the time of an open or isolated circuit is over, so that the next call is a probe. */
function isOver(state: State, now: number): boolean {
  return 'until' in state && now >= state.until;
}

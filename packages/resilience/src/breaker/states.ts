/**
 * The states of a circuit: one type each, holding its own data. A state decides what a call and its
 * result mean in it and names the next state; {@link Breaker} moves.
 *
 *     closed ──tripped──> open ──time over──> half_open ──enough probes──> closed
 *                          ^                      │
 *                          └──too many failures───┘
 *     any ──isolated by hand──> isolated ──released, or time over──> half_open
 *
 * @module
 */
import type { RejectionReason } from '../names.ts';
import type { Trip } from './trip.ts';

/** What a state makes of a failure or success: where to go, if anywhere. */
export type Move = 'open' | 'closed' | undefined;

/** Calls pass, and their results are watched. */
export class Closed {
  readonly name = 'closed';
  readonly #trip: Trip;

  constructor(trip: Trip) {
    this.#trip = trip;
  }

  get failures(): number {
    return this.#trip.failures;
  }

  admit(): undefined {}

  release(_givenUp: boolean): void {}

  succeeded(): Move {
    this.#trip.success();
    return undefined;
  }

  failed(): Move {
    return this.#trip.failure() ? 'open' : undefined;
  }
}

/** Calls are refused until a point in time. */
export class Open {
  readonly name = 'open';
  /** Milliseconds on the clock's scale. */
  readonly until: number;
  /** Failures that led here since the circuit was last closed. */
  readonly failures: number;

  constructor(until: number, failures: number) {
    this.until = until;
    this.failures = failures;
  }

  admit(): RejectionReason {
    return 'circuit_open';
  }
}

/**
 * A few calls pass as probes; the others are refused at once rather than queued behind them. A probe
 * whose caller gave it up held its place and said nothing, so there is one place more from then on:
 * callers in a hurry cannot keep out the one who would wait for what the dependency has to say.
 */
export class HalfOpen {
  readonly name = 'half_open';
  readonly #calls: number;
  readonly #successesNeeded: number;
  readonly #failuresBefore: number;
  #underWay = 0;
  #successes = 0;
  #failures = 0;
  #givenUp = 0;

  constructor(calls: number, successesNeeded: number, failuresBefore: number) {
    this.#calls = calls;
    this.#successesNeeded = successesNeeded;
    this.#failuresBefore = failuresBefore;
  }

  get failures(): number {
    return this.#failuresBefore + this.#failures;
  }

  admit(): RejectionReason | undefined {
    const taken = this.#underWay + this.#successes + this.#failures;
    if (taken >= this.#calls + this.#givenUp) return 'circuit_half_open';
    this.#underWay++;
    return undefined;
  }

  /** A probe that ended without saying anything frees its place for another. */
  release(givenUp: boolean): void {
    this.#underWay--;
    if (givenUp) this.#givenUp++;
  }

  succeeded(): Move {
    this.#underWay--;
    this.#successes++;
    return this.#successes >= this.#successesNeeded ? 'closed' : undefined;
  }

  failed(): Move {
    this.#underWay--;
    this.#failures++;
    return this.#failures > this.#calls - this.#successesNeeded ? 'open' : undefined;
  }
}

/** Somebody refuses all calls, by hand, for a time that ends by itself. */
export class Isolated {
  readonly name = 'isolated';
  readonly until: number;
  readonly failures: number;
  readonly by: string;
  readonly why: string;

  constructor(until: number, failures: number, by: string, why: string) {
    this.until = until;
    this.failures = failures;
    this.by = by;
    this.why = why;
  }

  admit(): RejectionReason {
    return 'circuit_isolated';
  }
}

/** A state in which calls pass: also the permit of each call that it let through. */
export type Admitting = Closed | HalfOpen;

export type State = Admitting | Open | Isolated;

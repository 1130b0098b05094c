/**
 * When a closed circuit opens.
 *
 * Counting consecutive failures is cockatiel's; counting shares is not, see {@link CountTrip} and
 * {@link SamplingTrip}. A trip lives as long as one closed state and is then dropped, so none of
 * them is ever reset.
 *
 * @module
 */
import { CircuitState, ConsecutiveBreaker, type IBreaker } from 'cockatiel';
import type { Clock } from '../clock.ts';
import { type BreakerOptions, DEFAULTS } from '../options.ts';
import { CountTrip } from './count-trip.ts';
import { SamplingTrip } from './sampling-trip.ts';

/** Watches the results of a closed circuit. */
export interface Trip {
  success(): void;
  /** Whether the circuit should open. */
  failure(): boolean;
  /** Failures that count towards opening at this moment. */
  readonly failures: number;
}

/** A cockatiel breaker as a trip. */
class CockatielTrip implements Trip {
  readonly #breaker: IBreaker;
  readonly #failures: (breaker: IBreaker) => number;

  constructor(breaker: IBreaker, failures: (breaker: IBreaker) => number) {
    this.#breaker = breaker;
    this.#failures = failures;
  }

  get failures(): number {
    return this.#failures(this.#breaker);
  }

  success(): void {
    this.#breaker.success(CircuitState.Closed);
  }

  failure(): boolean {
    return this.#breaker.failure(CircuitState.Closed);
  }
}

/** A trip of the caller's own, whose way of counting is not known: every failure is counted. */
class CustomTrip extends CockatielTrip {
  #seen = 0;

  constructor(breaker: IBreaker) {
    super(breaker, () => this.#seen);
  }

  override success(): void {
    try {
      super.success();
    } catch {
      // Its own bug must not take the place of the call's result.
    }
  }

  override failure(): boolean {
    this.#seen++;
    try {
      return super.failure();
    } catch {
      return false;
    }
  }
}

/** Makes the trip that the options name. */
export function createTrip(trip: BreakerOptions['trip'], clock: Clock): Trip {
  if (typeof trip === 'function') return new CustomTrip(trip());
  const { kind } = trip ?? DEFAULTS.breaker.trip;
  if (trip?.kind === 'sampling') return new SamplingTrip(trip, clock);
  if (trip?.kind === 'count') return new CountTrip(trip);
  const threshold = trip?.kind === kind ? trip.failures : DEFAULTS.breaker.trip.failures;
  const breaker = new ConsecutiveBreaker(threshold);
  return new CockatielTrip(breaker, () => breaker.state);
}

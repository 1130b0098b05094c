import type { TripOptions } from '../options.ts';
import type { Trip } from './trip.ts';

/**
 * Opens when a share of the last calls failed.
 *
 * Stands in for cockatiel's CountBreaker, which opens above its threshold and not at it, and takes
 * no threshold of 1.
 */
export class CountTrip implements Trip {
  readonly #threshold: number;
  readonly #minimumCalls: number;
  /** A ring of the last calls: 1 for a failure. */
  readonly #failed: Uint8Array;
  #next = 0;
  #calls = 0;
  #failures = 0;

  constructor(options: Extract<TripOptions, { kind: 'count' }>) {
    this.#threshold = options.threshold;
    this.#minimumCalls = options.minimumCalls ?? options.size;
    this.#failed = new Uint8Array(options.size);
  }

  get failures(): number {
    return this.#failures;
  }

  success(): void {
    this.#note(0);
  }

  failure(): boolean {
    this.#note(1);
    if (this.#calls < this.#minimumCalls) return false;
    // Divided, since 3 of 30 is 0.1 as it is written, and 0.1 * 30 is more than 3.
    return this.#failures / this.#calls >= this.#threshold;
  }

  #note(failed: 0 | 1): void {
    const size = this.#failed.length;
    if (this.#calls === size) this.#failures -= this.#failed[this.#next] as number;
    else this.#calls++;
    this.#failed[this.#next] = failed;
    this.#failures += failed;
    this.#next = (this.#next + 1) % size;
  }
}

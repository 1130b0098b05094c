import type { Clock } from '../clock.ts';
import { DEFAULTS, type TripOptions } from '../options.ts';
import { RollingWindow } from '../rolling-window.ts';
import type { Trip } from './trip.ts';

/**
 * Opens when a share of the calls of the last while failed.
 *
 * Stands in for cockatiel's SamplingBreaker, which moves on by one slice a call however much time
 * has passed: after an idle hour the failures of the hour before still count (cockatiel#64). Here
 * the clock alone decides what counts.
 */
export class SamplingTrip implements Trip {
  readonly #clock: Clock;
  readonly #threshold: number;
  readonly #minimumCalls: number;
  readonly #results: RollingWindow;

  constructor(options: Extract<TripOptions, { kind: 'sampling' }>, clock: Clock) {
    this.#clock = clock;
    this.#threshold = options.threshold;
    this.#minimumCalls = options.minimumCalls ?? DEFAULTS.minimumCalls;
    this.#results = new RollingWindow(options.windowMs);
  }

  get failures(): number {
    return this.#results.marked(this.#clock.now());
  }

  success(): void {
    this.#results.count(this.#clock.now());
  }

  failure(): boolean {
    const now = this.#clock.now();
    this.#results.count(now);
    this.#results.mark(now);
    const calls = this.#results.counted(now);
    return calls >= this.#minimumCalls && this.#results.marked(now) / calls >= this.#threshold;
  }
}

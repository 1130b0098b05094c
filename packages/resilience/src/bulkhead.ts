/**
 * A limit of attempts under way at once, so that one slow dependency does not take every socket,
 * every connection and all memory with it.
 *
 * Stands in for cockatiel's BulkheadPolicy, which keeps the place of a caller that has gone away,
 * has no longest wait, and never reports what it ran.
 *
 * @module
 */
import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import { type BulkheadOptions, DEFAULTS, withDefaults } from './options.ts';

/** How a wait for a place ended. */
export type BulkheadAnswer =
  | 'entered'
  | 'bulkhead_full'
  | 'bulkhead_wait'
  | 'deadline'
  | 'cancelled';

/** Each place taken by {@link tryEnter} or an answered `entered` is given back by one `leave`. */
export class Bulkhead {
  /** Attempts that may be under way at once. */
  readonly limit: number;
  /** Attempts that may wait. */
  readonly queueLimit: number;
  readonly #longestWaitMs: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #active = 0;

  constructor(options: BulkheadOptions, clock: Clock) {
    const { concurrent, queue, longestWaitMs } = withDefaults<BulkheadOptions>(
      DEFAULTS.bulkhead,
      options,
    );
    this.limit = concurrent;
    this.queueLimit = queue;
    this.#longestWaitMs = longestWaitMs;
    this.#clock = clock;
  }

  get active(): number {
    return this.#active;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** Takes a place if one is free. */
  tryEnter(): boolean {
    if (this.#active >= this.limit) return false;
    this.#active++;
    return true;
  }

  /** Waits for a place, first come, first served. Whoever stops waiting leaves the queue at once. */
  enter(call: Call): Promise<BulkheadAnswer> {
    return new Promise((resolve) => {
      if (this.#waiting.size >= this.queueLimit) return resolve('bulkhead_full');
      const remainingMs = call.remainingMs();
      const outOfTime = remainingMs < this.#longestWaitMs ? 'deadline' : 'bulkhead_wait';
      const stop = (answer: BulkheadAnswer) => {
        this.#waiting.delete(proceed);
        timer.cancel();
        call.onCancel = undefined;
        resolve(answer);
      };
      const proceed = () => stop('entered');
      const timer = this.#clock.setTimer(
        () => stop(outOfTime),
        Math.min(remainingMs, this.#longestWaitMs),
      );
      call.onCancel = () => stop('cancelled');
      this.#waiting.add(proceed);
    });
  }

  /** Gives a place back: to the one who waits longest, if anyone does. */
  leave(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#active--;
  }
}

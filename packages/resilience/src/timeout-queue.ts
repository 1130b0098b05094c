import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock, Timer } from './clock.ts';

/** Something that ends when its time is over. */
export interface Timed {
  /** Milliseconds on the clock's scale. */
  readonly dueAt: number;
  onTimeout(): void;
}

/** The timer belongs to no request: it must not keep the one alive that happened to set it. */
const outsideOfRequests = AsyncLocalStorage.snapshot();

/**
 * Timeouts of equal length over one timer. They come due in the order they were added, so the
 * timer stands for the first of them, and a call that ends in time only leaves the queue: the
 * runtime's own timers cost more than everything else an attempt needs.
 */
export class TimeoutQueue {
  readonly #clock: Clock;
  readonly #waiting = new Set<Timed>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one that is due no earlier than those added before. */
  add(timed: Timed, ms: number): void {
    this.#waiting.add(timed);
    if (this.#timer === undefined) this.#arm(ms);
    else if (this.#waiting.size === 1) this.#timer.keepAlive?.(true);
  }

  /** Takes one out that ended by itself. */
  delete(timed: Timed): void {
    // The timer stays for the next one, without keeping the process alive for nobody.
    if (this.#waiting.delete(timed) && this.#waiting.size === 0) this.#timer?.keepAlive?.(false);
  }

  #arm(ms: number): void {
    this.#timer = outsideOfRequests(() => this.#clock.setTimer(() => this.#expire(), ms));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const timed of this.#waiting) {
      if (timed.dueAt > now) {
        this.#arm(timed.dueAt - now);
        return;
      }
      this.#waiting.delete(timed);
      timed.onTimeout();
    }
  }
}

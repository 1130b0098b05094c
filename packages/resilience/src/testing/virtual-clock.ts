import type { Clock, Timer } from '../clock.ts';

interface PendingTimer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to move.
 *
 * @example
 * const clock = new VirtualClock();
 * const calling = catalog.execute(hang);
 * await clock.advance(2_000);
 * await assert.rejects(calling, DependencyTimeoutError);
 */
export class VirtualClock implements Clock {
  #now: number;
  readonly #timers = new Set<PendingTimer>();

  /** @param startAt milliseconds; not 0, where a forgotten time would look like a valid one. */
  constructor(startAt = 1_000_000) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, ms: number): Timer {
    const timer = { dueAt: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves on, firing the timers on the way at their times, in order; after each one everything that
   * it set going is settled before time moves further.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#next(); next && next.dueAt <= target; next = this.#next()) {
      this.#now = Math.max(this.#now, next.dueAt);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#now = Math.max(this.#now, target);
  }

  /**
   * Moves on without firing anything, as when the process was stopped or its event loop blocked:
   * timers that came due fire late, at the next {@link advance}.
   */
  jump(ms: number): void {
    this.#now += ms;
  }

  #next(): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) if (!next || timer.dueAt < next.dueAt) next = timer;
    return next;
  }
}

/** Waits until everything that needs no timer has happened. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

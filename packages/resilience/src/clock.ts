/**
 * Time, so that tests can bring their own.
 *
 * @module
 */

/** A timer that has been set. */
export interface Timer {
  /** Takes the timer back; without effect once it has fired. */
  cancel(): void;
  /** Whether the timer keeps the process alive while it waits. Clocks of tests have no use for it. */
  keepAlive?(yes: boolean): void;
}

/** A monotonic clock with timers. */
export interface Clock {
  /** Milliseconds on a scale that never goes back and has no meaning outside this process. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now. */
  setTimer(callback: () => void, ms: number): Timer;
}

class SystemTimer implements Timer {
  readonly #timeout: NodeJS.Timeout;

  constructor(callback: () => void, ms: number) {
    this.#timeout = setTimeout(callback, ms);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  keepAlive(yes: boolean): void {
    if (yes) this.#timeout.ref();
    else this.#timeout.unref();
  }
}

/** The clock of this process. A change of the wall clock does not move it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, ms) => new SystemTimer(callback, ms),
};

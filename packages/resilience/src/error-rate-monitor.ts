/**
 * Whether a service, or something it depends on, works: the share of failures among the last
 * requests.
 *
 * @module
 */

import { type Clock, systemClock } from './clock.ts';

/** The window, and what is too much. */
export interface ErrorRateMonitorOptions {
  /** Requests in the window. Default: 100. */
  readonly size?: number;
  /** Unhealthy above this share of errors, and not yet at it; 1 means never. Default: 0.3. */
  readonly threshold?: number;
  /** Healthy again at or below this share; lower, so that the mode does not flap. Default: half. */
  readonly recoveryThreshold?: number;
  /** With fewer requests than this in the window, nothing is unhealthy. Default: 20. */
  readonly minimumRequests?: number;
  /** Older requests leave the window, or a quiet service would stay unhealthy. Default: 5 minutes. */
  readonly maxAgeMs?: number;
  readonly clock?: Clock;
}

/** The window at one moment. */
export interface ErrorRateSnapshot {
  readonly total_requests: number;
  readonly errors: number;
  /** From 0 to 1; 0 for an empty window. */
  readonly error_rate: number;
  readonly is_unhealthy: boolean;
}

/**
 * Watches the last requests to one thing, a service or a dependency of it, and says when what
 * depends on it should switch to its degraded mode and back. Memory is constant.
 *
 * @example
 * const monitor = new ErrorRateMonitor();
 * monitor.onChange(({ is_unhealthy }) => recommendations.setEnabled(!is_unhealthy));
 * monitor.record(response.status < 500);
 */
export class ErrorRateMonitor {
  readonly #size: number;
  readonly #threshold: number;
  readonly #recoveryThreshold: number;
  readonly #minimumRequests: number;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  /** A ring: when each request ended, and whether it failed. */
  readonly #endedAt: Float64Array;
  readonly #failed: Uint8Array;
  #oldest = 0;
  #total = 0;
  #errors = 0;
  #unhealthy = false;
  #listeners: readonly ((snapshot: ErrorRateSnapshot) => void)[] = [];

  /** @throws {RangeError} when an option is out of its range. */
  constructor(options: ErrorRateMonitorOptions = {}) {
    const { size = 100, threshold = 0.3, maxAgeMs = 300_000, clock = systemClock } = options;
    const { recoveryThreshold = threshold / 2, minimumRequests = Math.min(20, size) } = options;
    if (!Number.isInteger(size) || size < 1 || size > 100_000) {
      throw new RangeError(`size is ${size}; expected a whole number from 1 to 100000`);
    }
    if (!(threshold > 0 && threshold <= 1)) {
      throw new RangeError(`threshold is ${threshold}; expected a share above 0, up to 1`);
    }
    if (!(recoveryThreshold >= 0 && recoveryThreshold <= threshold)) {
      throw new RangeError(
        `recoveryThreshold is ${recoveryThreshold}; expected a share from 0 to threshold`,
      );
    }
    if (!(minimumRequests >= 1 && minimumRequests <= size)) {
      throw new RangeError(`minimumRequests is ${minimumRequests}; expected from 1 to size`);
    }
    if (!(maxAgeMs > 0)) throw new RangeError(`maxAgeMs is ${maxAgeMs}; expected more than 0`);
    this.#size = size;
    this.#threshold = threshold;
    this.#recoveryThreshold = recoveryThreshold;
    this.#minimumRequests = minimumRequests;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
    this.#endedAt = new Float64Array(size);
    this.#failed = new Uint8Array(size);
  }

  /**
   * Notes a request that has ended. One that its client got wrong or gave up says nothing about
   * health: leave it out, or whoever sends many of them hides failures.
   */
  record(succeeded: boolean): void {
    if (this.#total === this.#size) this.#dropOldest();
    const index = (this.#oldest + this.#total) % this.#size;
    this.#endedAt[index] = this.#clock.now();
    this.#failed[index] = succeeded ? 0 : 1;
    this.#total++;
    if (!succeeded) this.#errors++;
    this.#judge();
  }

  snapshot(): ErrorRateSnapshot {
    this.#judge();
    return this.#read();
  }

  /**
   * Calls back at each change between healthy and unhealthy; the result ends that. What a listener
   * throws changes nothing.
   */
  onChange(listener: (snapshot: ErrorRateSnapshot) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }

  #read(): ErrorRateSnapshot {
    return {
      total_requests: this.#total,
      errors: this.#errors,
      error_rate: this.#total === 0 ? 0 : this.#errors / this.#total,
      is_unhealthy: this.#unhealthy,
    };
  }

  #judge(): void {
    const oldestAllowed = this.#clock.now() - this.#maxAgeMs;
    while (this.#total > 0 && (this.#endedAt[this.#oldest] as number) < oldestAllowed) {
      this.#dropOldest();
    }
    const rate = this.#total < this.#minimumRequests ? 0 : this.#errors / this.#total;
    const unhealthy = rate > (this.#unhealthy ? this.#recoveryThreshold : this.#threshold);
    if (unhealthy === this.#unhealthy) return;
    this.#unhealthy = unhealthy;
    for (const listener of this.#listeners) {
      try {
        listener(this.#read());
      } catch {
        // A listener's trouble is not the service's.
      }
    }
  }

  #dropOldest(): void {
    this.#errors -= this.#failed[this.#oldest] as number;
    this.#oldest = (this.#oldest + 1) % this.#size;
    this.#total--;
  }
}

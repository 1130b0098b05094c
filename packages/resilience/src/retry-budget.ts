import { DEFAULTS, type RetryBudgetOptions, withDefaults } from './options.ts';
import { RollingWindow } from './rolling-window.ts';

/**
 * Retries as a share of calls, over a rolling window. While a dependency works, a few retries mend
 * single failures; when it is down, every call would want all its retries, and the budget keeps the
 * load on it near what was offered.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #floor: number;
  readonly #window: RollingWindow;

  constructor(options: RetryBudgetOptions) {
    const { ratio, minPerSecond, windowMs } = withDefaults<RetryBudgetOptions>(
      DEFAULTS.budget,
      options,
    );
    this.#ratio = ratio;
    this.#floor = (minPerSecond * windowMs) / 1_000;
    this.#window = new RollingWindow(windowMs);
  }

  /** Notes a call; its retries are not calls of their own. */
  called(now: number): void {
    this.#window.count(now);
  }

  /** Takes one retry out of the budget; false when there is none left. */
  tryRetry(now: number): boolean {
    if (this.remaining(now) < 1) return false;
    this.#window.mark(now);
    return true;
  }

  /** Retries left at this moment. */
  remaining(now: number): number {
    const allowed = this.#floor + this.#ratio * this.#window.counted(now);
    return Math.max(0, Math.floor(allowed - this.#window.marked(now)));
  }
}

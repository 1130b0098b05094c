/**
 * A limit of wrong guesses at a token.
 *
 * @module
 */

/** Wrong tokens that one address may send within {@link WINDOW_MS}. */
const GUESSES = 10;
const WINDOW_MS = 60_000;
/** Addresses remembered; beyond that the one that began longest ago is forgotten. */
const ADDRESSES = 1_000;

interface Window {
  readonly endsAt: number;
  guesses: number;
}

/**
 * Counts the wrong guesses of each address. Who has made too many waits until a minute after the
 * first of them, whatever is asked meanwhile: asking on makes no wait longer, and the right token
 * opens again when it is over. Memory is bounded.
 */
export class GuessLimit {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  /** @param now wall clock, in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** How long an address has to wait before its next guess, in milliseconds; 0 when it has not. */
  waitMs(address: string): number {
    const window = this.#windows.get(address);
    return window && window.guesses >= GUESSES ? Math.max(0, window.endsAt - this.#now()) : 0;
  }

  /** Counts a wrong guess. */
  count(address: string): void {
    const now = this.#now();
    const window = this.#windows.get(address);
    if (window && window.endsAt > now) {
      window.guesses++;
      return;
    }
    this.#windows.delete(address);
    this.#windows.set(address, { endsAt: now + WINDOW_MS, guesses: 1 });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > ADDRESSES && oldest !== undefined) this.#windows.delete(oldest);
  }
}

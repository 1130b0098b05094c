/**
 * A value that takes long to learn: who looks gets the last one, and learning goes on meanwhile.
 *
 * @module
 */

/** One value and how old it may be. */
export class LastKnown<T> {
  readonly #maxAgeMs: number;
  readonly #learn: () => Promise<T>;
  readonly #now: () => number;
  #value: T | undefined;
  #problem: string | undefined;
  /** When the learning of it began. */
  #asOf = Number.NEGATIVE_INFINITY;
  #expiredAt = Number.NEGATIVE_INFINITY;
  #learning: Promise<T> | undefined;

  /** @param now a clock in milliseconds */
  constructor(maxAgeMs: number, learn: () => Promise<T>, now = () => performance.now()) {
    this.#maxAgeMs = maxAgeMs;
    this.#learn = learn;
    this.#now = now;
  }

  /** Why the last try to learn it failed; undefined when it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The last value, at once; one that is too old is learnt anew in the background. */
  look(): T | undefined {
    const stale = this.#asOf <= this.#expiredAt || this.#now() - this.#asOf > this.#maxAgeMs;
    if (stale) this.refresh().catch(() => undefined);
    return this.#value;
  }

  /** The present value; joins a learning that is under way. */
  refresh(): Promise<T> {
    if (this.#learning) return this.#learning;
    const began = this.#now();
    this.#learning = this.#learn()
      .then(
        (value) => {
          this.#problem = undefined;
          this.#value = value;
          return value;
        },
        (error: Error) => {
          this.#problem = error.message;
          throw error;
        },
      )
      .finally(() => {
        this.#asOf = began;
        this.#learning = undefined;
      });
    return this.#learning;
  }

  /** The value may have changed: the next look learns it anew. */
  expire(): void {
    this.#expiredAt = this.#now();
  }
}

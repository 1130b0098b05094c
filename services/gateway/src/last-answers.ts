/**
 * The last good answers, for when there are no new ones.
 *
 * @module
 */

interface Kept<T> {
  readonly answer: T;
  readonly at: number;
}

/** Bounded in number and age: the answer that was kept longest ago goes first. */
export class LastAnswers<T> {
  readonly #limit: number;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept<T>>();

  /** @param now milliseconds on any scale that only grows */
  constructor(limit: number, maxAgeMs: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  /** Keeps an answer under the name of its question, and gives it back. */
  keep(question: string, answer: T): T {
    this.#kept.delete(question);
    this.#kept.set(question, { answer, at: this.#now() });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#limit && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }

  /** The last good answer, if it is young enough. */
  find(question: string): T | undefined {
    const kept = this.#kept.get(question);
    return kept && this.#now() - kept.at <= this.#maxAgeMs ? kept.answer : undefined;
  }
}

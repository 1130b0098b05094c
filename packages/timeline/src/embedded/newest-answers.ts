/**
 * The newest answers, no more than so many of one trace.
 *
 * @module
 */
import type { AnsweredRequest } from '../model.ts';

/** Answers in the order in which they were written, within two bounds. */
export class NewestAnswers {
  readonly answers: AnsweredRequest[] = [];
  /** Of a trace that has more than its share the oldest go: they are no loss to other traces. */
  readonly #ofTrace = new Map<string, number>();
  readonly #max: number;
  readonly #maxOfTrace: number;
  evicted = 0;
  /** Answers before this have gone; Unix time, in milliseconds. */
  completeSinceMs = 0;

  constructor(max: number, maxOfTrace: number) {
    this.#max = max;
    this.#maxOfTrace = maxOfTrace;
  }

  add(answer: AnsweredRequest): void {
    const { answers } = this;
    const count = (this.#ofTrace.get(answer.traceId) ?? 0) + 1;
    this.#ofTrace.set(answer.traceId, count);
    answers.push(answer);
    if (count > this.#maxOfTrace) {
      this.#evict(
        answers.findIndex(({ traceId }) => traceId === answer.traceId),
        1,
      );
    }
    // In heaps, since each shift moves all that is left.
    if (answers.length <= this.#max * 1.2) return;
    this.#evict(0, answers.length - this.#max);
    this.completeSinceMs = Math.max(this.completeSinceMs, answers[0]?.timeMs ?? 0);
  }

  #evict(from: number, count: number): void {
    for (const { traceId } of this.answers.splice(from, count)) {
      const left = (this.#ofTrace.get(traceId) ?? 1) - 1;
      if (left > 0) this.#ofTrace.set(traceId, left);
      else this.#ofTrace.delete(traceId);
    }
    this.evicted += count;
  }
}

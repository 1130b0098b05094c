/**
 * The newest answers, failed and others apart, so that many that went well push out none that failed.
 *
 * @module
 */
import type { AnsweredRequest, Bound } from '../model.ts';
import type { AnswerQuery } from '../sources.ts';
import { NewestAnswers } from './newest-answers.ts';

export interface KeptAnswersOptions {
  /** Failed answers that are kept, and as many others. Default: 2,000. */
  readonly maxAnswers?: number;
  /** Of these, answers of one trace: a client may send the same id for ever. Default: 200. */
  readonly maxOfTrace?: number;
}

/** Answers by how they ended, within bounds. */
export class KeptAnswers {
  readonly #max: number;
  readonly #failed: NewestAnswers;
  readonly #fine: NewestAnswers;

  constructor({ maxAnswers = 2_000, maxOfTrace = 200 }: KeptAnswersOptions = {}) {
    this.#max = maxAnswers;
    this.#failed = new NewestAnswers(maxAnswers, maxOfTrace);
    this.#fine = new NewestAnswers(maxAnswers, maxOfTrace);
  }

  add(answer: AnsweredRequest): void {
    (hasFailed(answer) ? this.#failed : this.#fine).add(answer);
  }

  /** Those that are looked for, newest first, and since when none of them can be missing. */
  find(query: AnswerQuery): { found: AnsweredRequest[]; completeSinceMs: number } {
    const kept = query.failedOnly ? [this.#failed] : [this.#failed, this.#fine];
    const found = kept
      .flatMap(({ answers }) => answers)
      .filter((answer) => matches(answer, query))
      .sort((a, b) => b.timeMs - a.timeMs)
      .slice(0, query.limit);
    return { found, completeSinceMs: Math.max(...kept.map((each) => each.completeSinceMs)) };
  }

  /** How full it is; `atLimit` says what that means for what it is made from. */
  bound(name: string, atLimit: string): Bound {
    return {
      name,
      used: this.#failed.answers.length + this.#fine.answers.length,
      limit: 2 * this.#max,
      unit: 'count',
      atLimit,
      dropped: this.#failed.evicted + this.#fine.evicted,
    };
  }
}

/** Whether an answer says that its request failed, by its code or its status. */
export function hasFailed({ errorCode, status }: AnsweredRequest): boolean {
  return errorCode !== undefined || status === undefined || status >= 400;
}

function matches(answer: AnsweredRequest, query: AnswerQuery): boolean {
  const { range } = query;
  const same = <K extends 'traceId' | 'requestId' | 'errorCode' | 'route' | 'service'>(key: K) =>
    query[key] === undefined || query[key] === answer[key];
  return (
    answer.timeMs >= range.fromMs &&
    answer.timeMs <= range.toMs &&
    !query.exceptTraceIds?.includes(answer.traceId) &&
    answer.route !== query.exceptRoute &&
    same('traceId') &&
    same('requestId') &&
    same('errorCode') &&
    same('route') &&
    same('service')
  );
}

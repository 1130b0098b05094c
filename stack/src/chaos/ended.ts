import type { Verdict } from '@breakwater/console/experiments';

/** Why a run ended before its method did. */
export class Ended extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict, message: string) {
    super(message);
    this.verdict = verdict;
  }
}

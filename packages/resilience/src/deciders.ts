/**
 * The four questions asked of an outcome: does the circuit count it, is the attempt repeated, may
 * something else answer, and which word do metrics have for it. Each has a default here and an option
 * of its own; none of them knows of the others. `docs/resilience.md` has them as one table.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import type { Outcome } from './names.ts';
import type { AttemptOutcome, Ending } from './outcome.ts';

/** What an attempt tells a circuit about its dependency. */
export const EVIDENCE = ['success', 'failure', 'nothing'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Answers one of the questions. One that throws or gives another value is passed over. */
export type Decider<T> = (outcome: AttemptOutcome) => T;

const BY_CIRCUIT: Readonly<Record<Ending, Evidence>> = {
  succeeded: 'success',
  failed: 'failure',
  timed_out: 'failure',
  hung: 'failure',
  // The circuit closest to the trouble deals with it, and those further out stay closed.
  failed_beyond: 'success',
  answered: 'success',
  // Neither well nor ill: a limiter in front of it, or this process, spoke for the dependency.
  turned_away: 'nothing',
  refused: 'nothing',
  rejected: 'nothing',
  // A deadline or a hang-up this early is the caller's haste.
  out_of_time: 'nothing',
  cancelled: 'nothing',
};

const BY_METRICS: Readonly<Record<Ending, Outcome>> = {
  succeeded: 'success',
  failed: 'failure',
  timed_out: 'failure',
  hung: 'failure',
  failed_beyond: 'failure',
  answered: 'ignored',
  turned_away: 'ignored',
  refused: 'rejected',
  rejected: 'rejected',
  out_of_time: 'cancelled',
  cancelled: 'cancelled',
};

/** The default of `breaker.counts`. */
export function evidenceOf({ ending }: AttemptOutcome): Evidence {
  return BY_CIRCUIT[ending];
}

/**
 * The default of `retry.on`: what the dependency itself failed at or had no time for, if the error
 * contract calls it retryable (429, 502, 503, 504) or does not know it. A peer's bug (500) fails
 * again, and so does a business rule; a failure further down is retried by whoever is next to it.
 */
export function isRetryable({ ending, error }: AttemptOutcome): boolean {
  if (ending !== 'failed' && ending !== 'timed_out' && ending !== 'turned_away') return false;
  return error instanceof AppError ? error.retryable : true;
}

/** The default of `fallbackOn`: everything but an answer, and a caller that has gone away. */
export function isReplaceable({ ending }: AttemptOutcome): boolean {
  return ending !== 'succeeded' && ending !== 'answered' && ending !== 'cancelled';
}

/** The default of `reportAs`. */
export function outcomeWord({ ending }: AttemptOutcome): Outcome {
  return BY_METRICS[ending];
}

export const YES_OR_NO = [true, false] as const;

/**
 * Asks one of the questions: the option that answers it, or the default where there is none. An
 * option's own bug must not take the place of the result that it was asked about.
 *
 * @param known the answers there are.
 */
export function decide<T>(
  own: Decider<T> | undefined,
  known: readonly T[],
  standard: Decider<T>,
  outcome: AttemptOutcome,
): T {
  if (own === undefined) return standard(outcome);
  try {
    const decided = own(outcome);
    if (known.includes(decided)) return decided;
  } catch {
    // The default below.
  }
  return standard(outcome);
}

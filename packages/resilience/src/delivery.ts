/**
 * What is known about the other side after a failure.
 *
 * @module
 */
import { AppError, type Delivery } from '@breakwater/errors';
import type { Outcome } from './names.ts';

/**
 * Whether a failed call reached the dependency. An error that does not say counts as `unknown`, and
 * so does a peer's own timeout, whatever it answered with: only `not_sent` makes it safe to take
 * the operation as not done.
 */
export function deliveryOf(error: unknown): Delivery {
  if (!(error instanceof AppError)) return 'unknown';
  const { delivery } = error.internal;
  if (delivery === 'not_sent' || delivery === 'answered' || delivery === 'unknown') return delivery;
  return error.status === 499 || error.status === 504 ? 'unknown' : 'answered';
}

const UNCERTAINTY: Readonly<Record<Delivery, number>> = { not_sent: 0, answered: 1, unknown: 2 };

/** A failed attempt, as the call that made it remembers it. */
export interface FailedAttempt {
  readonly error: unknown;
  readonly outcome: Outcome;
}

/** The one of two that knows less; the later one where they know the same. */
export function lessCertain(earlier: Delivery, later: Delivery): Delivery {
  return UNCERTAINTY[later] < UNCERTAINTY[earlier] ? earlier : later;
}

/**
 * The attempt that a call fails with, after one more has ended badly.
 *
 * It is the later one, unless the earlier one knows less of what became of the request: a
 * connection refused after a timeout must not read as "never sent". A refusal changes nothing about
 * an attempt that was made; an answer about the operation itself settles what was unknown; and a
 * cancellation knows of the attempts before it.
 */
export function standing(earlier: FailedAttempt | undefined, later: FailedAttempt): FailedAttempt {
  if (earlier === undefined || later.outcome === 'cancelled' || settles(later)) {
    return later;
  }
  if (later.outcome === 'rejected') return earlier;
  return UNCERTAINTY[deliveryOf(later.error)] < UNCERTAINTY[deliveryOf(earlier.error)]
    ? earlier
    : later;
}

/** Statuses of requests that were turned away at the door, whatever became of earlier ones. */
const TURNED_AWAY = new Set([401, 403, 429]);

/** Whether an attempt ended in the dependency's verdict on the operation, such as a conflict. */
function settles({ error, outcome }: FailedAttempt): boolean {
  if (outcome !== 'ignored') return false;
  return !(error instanceof AppError && (error.status >= 500 || TURNED_AWAY.has(error.status)));
}

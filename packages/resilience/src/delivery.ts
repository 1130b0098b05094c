/**
 * What is known about the other side after a failure.
 *
 * @module
 */
import { AppError, type Delivery } from '@breakwater/errors';
import type { AttemptOutcome } from './outcome.ts';

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
export function standing(
  earlier: AttemptOutcome | undefined,
  later: AttemptOutcome,
): AttemptOutcome {
  if (earlier === undefined || later.endedByCaller || settles(later)) return later;
  if (later.ending === 'rejected') return earlier;
  return UNCERTAINTY[deliveryOf(later.error)] < UNCERTAINTY[deliveryOf(earlier.error)]
    ? earlier
    : later;
}

/** Statuses that say nothing of the operation, so nothing of what became of it before. */
const BESIDE_THE_POINT = new Set([401, 403, 408, 499]);

/** Whether an attempt ended in the dependency's verdict on the operation, such as a conflict. */
function settles({ ending, error }: AttemptOutcome): boolean {
  return (
    ending === 'answered' && !(error instanceof AppError && BESIDE_THE_POINT.has(error.status))
  );
}

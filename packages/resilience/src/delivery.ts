/**
 * What is known about the other side after a failure.
 *
 * @module
 */
import { AppError, type Delivery, DependencyError } from '@breakwater/errors';
import type { Outcome } from './names.ts';

/**
 * Whether a failed call reached the dependency. An error that does not say counts as `unknown`:
 * only `not_sent` makes it safe to take the operation as not done.
 */
export function deliveryOf(error: unknown): Delivery {
  if (error instanceof DependencyError) return error.delivery;
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

/**
 * The attempt that a call fails with, after one more has ended badly.
 *
 * It is the later one, unless the earlier one knows less of what became of the request: a
 * connection refused after a timeout must not read as "never sent". A refusal changes nothing about
 * an attempt that was made, and an answer that is no failure settles what was unknown.
 */
export function standing(earlier: FailedAttempt | undefined, later: FailedAttempt): FailedAttempt {
  if (earlier === undefined || later.outcome === 'ignored') return later;
  if (later.outcome === 'rejected') return earlier;
  const knowsMore = UNCERTAINTY[deliveryOf(later.error)] < UNCERTAINTY[deliveryOf(earlier.error)];
  const { error } = knowsMore ? earlier : later;
  return { error, outcome: later.outcome };
}

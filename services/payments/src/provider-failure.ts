/**
 * What a failed call to the provider says about the charge.
 *
 * @module
 */
import { PROVIDER_CODES } from '@breakwater/contracts';
import {
  type AppError,
  DeadlineExceededError,
  originOf,
  RequestCancelledError,
  toAppError,
} from '@breakwater/errors';
import { deliveryOf } from '@breakwater/resilience';

/**
 * - `declined`: no charge, and none to be had for this order.
 * - `unavailable`, `failed`: the request made no charge.
 * - `unknown`: it may have made one or not.
 */
export type FailureMeaning = 'declined' | 'unavailable' | 'failed' | 'unknown';

/** With these a server ends a request that its handler may still be at work on. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  DeadlineExceededError.kind.code,
  RequestCancelledError.kind.code,
]);

/** A failed call to the provider, understood. */
export interface ProviderFailure {
  readonly meaning: FailureMeaning;
  readonly error: AppError;
}

/**
 * Reads the error of a call to the provider. An error answer of the contract means that the request
 * made no charge, and so does a request that was never sent. Everything else means nothing: a
 * timeout, a broken connection, an unreadable answer, an answer that is not the provider's, the
 * provider's own deadline, and the client or its deadline ending the wait. Of several attempts the call fails with the one that
 * knows least.
 */
export function classifyFailure(thrown: unknown): ProviderFailure {
  const error = toAppError(thrown);
  return { meaning: meaningOf(error), error };
}

function meaningOf(error: AppError): FailureMeaning {
  const answer = originOf(error);
  if (!answer) {
    return deliveryOf(error) === 'not_sent' ? 'unavailable' : 'unknown';
  }
  if (error.code === PROVIDER_CODES.cardDeclined) return 'declined';
  if (GIVEN_UP.has(error.code)) return 'unknown';
  // The key has a charge that is not ours to explain: claiming "not charged" would be a guess.
  if (answer.status === 409) return 'unknown';
  return answer.status === 503 || answer.status === 429 ? 'unavailable' : 'failed';
}

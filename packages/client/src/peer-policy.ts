/**
 * What the policies of our own peers have in common.
 *
 * @module
 */
import { type AttemptOutcome, type BreakerOptions, deliveryOf } from '@breakwater/resilience';

/** Opens when half of the calls of ten seconds fail, and tries again after five. */
export const PEER_BREAKER: BreakerOptions = {
  trip: { kind: 'sampling', windowMs: 10_000, threshold: 0.5, minimumCalls: 10 },
  openMs: 5_000,
  halfOpen: { calls: 3, successes: 2 },
};

/** For `retry.on` where the peer retries what can be retried: only what never reached it. */
export function wasNotSent({ error }: AttemptOutcome): boolean {
  return deliveryOf(error) === 'not_sent';
}

/**
 * Whether a failed attempt is repeated, and when.
 *
 * Stands in for cockatiel's RetryPolicy, whose wait cannot be cancelled and ends in one more
 * attempt, and which spends its attempts on the rejections of an open circuit.
 *
 * @module
 */
import { AppError } from '@breakwater/errors';
import { startBackoff, type Waits } from './backoff.ts';
import type { Call } from './call.ts';
import { decide, isRetryable, YES_OR_NO } from './deciders.ts';
import { deliveryOf } from './delivery.ts';
import type { SkipReason } from './names.ts';
import { DEFAULTS, type RetryOptions } from './options.ts';
import type { AttemptOutcome } from './outcome.ts';
import { RetryBudget } from './retry-budget.ts';
import { isRetryDiscouraged } from './retry-hint.ts';
import type { Random } from './seeded-random.ts';

/** What follows a failed attempt: a wait, a forbidden retry, or (undefined) none that was due. */
export type RetryPlan = { readonly waitMs: number } | { readonly skipped: SkipReason } | undefined;

/** The retries of one dependency, and their budget. */
export class RetryPolicy {
  readonly budget: RetryBudget | undefined;
  readonly #options: RetryOptions;
  readonly #attempts: number;
  readonly #random: Random;
  readonly #leastUsefulMs: number;

  constructor(options: RetryOptions, leastUsefulMs: number, random: Random) {
    this.#options = options;
    this.#attempts = options.attempts ?? DEFAULTS.retry.attempts;
    this.budget = options.budget === false ? undefined : new RetryBudget(options.budget ?? {});
    this.#leastUsefulMs = leastUsefulMs;
    this.#random = random;
  }

  /** The waits of one call. */
  start(): Waits {
    return startBackoff(this.#options.backoff, this.#random);
  }

  /**
   * Decides after a failed attempt, and takes the retry out of the budget where there is one.
   */
  plan(outcome: AttemptOutcome, call: Call, waits: Waits, now: number): RetryPlan {
    const { error } = outcome;
    if (!this.#worthwhile(outcome, call)) return undefined;
    if (isRetryDiscouraged(error)) return { skipped: 'peer' };
    const retryAfterMs = error instanceof AppError ? (error.retryAfterS ?? 0) * 1_000 : 0;
    const longest = this.#options.longestRetryAfterMs ?? DEFAULTS.retry.longestRetryAfterMs;
    if (retryAfterMs > longest) return { skipped: 'retry_after' };
    // On top of a Retry-After that many callers were given, or they would all return at once.
    const waitMs = retryAfterMs + waits(error);
    if (call.remainingMs() - waitMs < this.#leastUsefulMs) return { skipped: 'deadline' };
    if ((call.breaker?.retryAfterMs() ?? 0) > waitMs) return { skipped: 'circuit' };
    if (this.budget?.tryRetry(now) === false) return { skipped: 'budget' };
    return { waitMs };
  }

  #worthwhile(outcome: AttemptOutcome, call: Call): boolean {
    if (call.attempts >= this.#attempts) return false;
    // Nobody waits any more, or no attempt was made that could be repeated.
    if (outcome.ending === 'cancelled' || outcome.ending === 'rejected') return false;
    if (!call.idempotent && deliveryOf(outcome.error) !== 'not_sent') return false;
    return decide(this.#options.on, YES_OR_NO, isRetryable, outcome);
  }
}

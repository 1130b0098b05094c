/**
 * Whether a failed attempt is repeated, and when.
 *
 * Stands in for cockatiel's RetryPolicy, whose wait cannot be cancelled and ends in one more
 * attempt, and which spends its attempts on the rejections of an open circuit.
 *
 * @module
 */
import { AppError, RateLimitError } from '@breakwater/errors';
import { startBackoff, type Waits } from './backoff.ts';
import type { Call } from './call.ts';
import { deliveryOf } from './delivery.ts';
import type { SkipReason } from './names.ts';
import { DEFAULTS, type RetryOptions } from './options.ts';
import { RetryBudget } from './retry-budget.ts';
import { isRetryDiscouraged } from './retry-hint.ts';
import type { Random } from './seeded-random.ts';

/**
 * The default of `retry.on`: what the error contract calls retryable (429, 502, 503, 504), and
 * errors from outside of it. A peer's bug (500) fails again, and so does a business rule.
 */
export function isRetryable(error: unknown): boolean {
  return error instanceof AppError ? error.retryable : true;
}

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
  plan(error: unknown, call: Call, waits: Waits, now: number): RetryPlan {
    if (!this.#worthwhile(error, call)) return undefined;
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

  #worthwhile(error: unknown, call: Call): boolean {
    if (call.attempts >= this.#attempts) return false;
    if (call.outcome !== 'failure' && !(error instanceof RateLimitError)) return false;
    if (!call.idempotent && deliveryOf(error) !== 'not_sent') return false;
    try {
      return (this.#options.on ?? isRetryable)(error);
    } catch {
      // An option's own bug must not take the place of the failure it was asked about.
      return isRetryable(error);
    }
  }
}

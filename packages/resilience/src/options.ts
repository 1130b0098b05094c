/**
 * How a dependency is declared, and what is assumed where the declaration says nothing.
 *
 * @module
 */
import type { IBackoffFactory, IBreaker } from 'cockatiel';
import type { Decider, Evidence } from './deciders.ts';
import type { FallbackStep } from './fallback.ts';
import type { Outcome } from './names.ts';
import type { Describe } from './outcome.ts';

/**
 * Declares one dependency. Durations are in milliseconds, at most a day; what is left out has the
 * value of {@link DEFAULTS}.
 *
 * @example
 * const search = dependency('search', {
 *   timeoutMs: 500,
 *   idempotent: true,
 *   breaker: { trip: { kind: 'sampling', windowMs: 10_000, threshold: 0.5 }, openMs: 5_000 },
 * });
 */
export interface DependencyOptions {
  /** End an attempt that takes longer, from its start to its response. From 1. Default: 2000. */
  readonly timeoutMs?: number;
  /** Send nothing with less than this left of the caller's deadline. From 0. Default: 1. */
  readonly leastUsefulMs?: number;
  /**
   * Say that a repeated call does no harm. Only such calls are retried, unless nothing was sent.
   * A call can say so for itself. Default: false.
   */
  readonly idempotent?: boolean;
  /** Repeat failed attempts; `false` never does. Default: on. */
  readonly retry?: RetryOptions | false;
  /** Refuse calls while the dependency keeps failing; `false` never does. Default: on. */
  readonly breaker?: BreakerOptions | false;
  /** Bound how many attempts are under way; `false` does not. Default: on. */
  readonly bulkhead?: BulkheadOptions | false;
  /** Answer by these steps, in order, when the dependency does not. A call can bring its own. */
  readonly fallback?: readonly FallbackStep<unknown>[];
  /**
   * Keep so many values for the steps `cache` and `stale`; the least recently used goes first.
   * From 1 to a million. Default: 1000.
   */
  readonly cacheEntries?: number;
  /** Say how an attempt ended whose function threw. Default: {@link describe}. */
  readonly describe?: Describe;
  /** Let the fallback answer after these outcomes. Default: {@link isReplaceable}. */
  readonly fallbackOn?: Decider<boolean>;
  /** Give metrics a word for what did not succeed. Default: {@link outcomeWord}. */
  readonly reportAs?: Decider<Outcome>;
  /**
   * Make an INTERNAL span for each attempt. Default: false, since an instrumented HTTP or database
   * client makes a CLIENT span for each attempt already.
   */
  readonly spanPerAttempt?: boolean;
}

/** Says whether and when a failed attempt is repeated. */
export interface RetryOptions {
  /** Make so many attempts in all, the first included. From 1 to 20. Default: 3. */
  readonly attempts?: number;
  /** Wait before each retry, by {@link BackoffOptions} or any backoff of cockatiel. */
  readonly backoff?: BackoffOptions | IBackoffFactory<unknown>;
  /** Bound retries to a share of calls; `false` lets every call use all its attempts. Default: on. */
  readonly budget?: RetryBudgetOptions | false;
  /**
   * End the call at a `Retry-After` beyond this instead of waiting for it. From 0. Default: 10 000.
   */
  readonly longestRetryAfterMs?: number;
  /**
   * Say which outcomes are worth a retry, where the caller still waits and a repeat does no harm.
   * Default: {@link isRetryable}.
   */
  readonly on?: Decider<boolean>;
}

/** Waits exponentially: the wait doubles from `initialMs` up to `maxMs`. */
export interface BackoffOptions {
  /** Wait so long before the first retry. From 0. Default: 100. */
  readonly initialMs?: number;
  /** Wait no longer than this. From 0. Default: 2000. */
  readonly maxMs?: number;
  /**
   * Spread the waits: `full` takes one anywhere below the computed one, `half` one from its upper
   * half, `none` itself. Default: `full`.
   */
  readonly jitter?: 'full' | 'half' | 'none';
}

/** Allows at most `ratio × calls + minPerSecond × window` retries in a rolling window. */
export interface RetryBudgetOptions {
  /** Allow so many retries a call. From 0 to 20. Default: 0.2. */
  readonly ratio?: number;
  /** Allow so many whatever the calls, so that a quiet dependency may be retried. Default: 1. */
  readonly minPerSecond?: number;
  /** Count calls and retries over this window. From 100. Default: 10 000. */
  readonly windowMs?: number;
}

/** Says what opens a circuit. A share at its threshold opens it: 0.5 opens at half. */
export type TripOptions =
  /** Open after so many failures without a success between them. From 1 to a million. */
  | { readonly kind: 'consecutive'; readonly failures: number }
  /** Open when at least `threshold` (above 0, up to 1) of the last `size` calls failed. */
  | {
      readonly kind: 'count';
      /** From 1 to 100 000. */
      readonly size: number;
      readonly threshold: number;
      /** Stay closed with fewer calls. From 1 to `size`. Default: `size`. */
      readonly minimumCalls?: number;
    }
  /** Open when at least `threshold` (above 0, up to 1) of the calls of a rolling window failed. */
  | {
      readonly kind: 'sampling';
      /** The window. From 10. */
      readonly windowMs: number;
      readonly threshold: number;
      /** Stay closed with fewer calls in the window. Default: 20. */
      readonly minimumCalls?: number;
    };

/** Says when calls are refused. */
export interface BreakerOptions {
  /** Open the circuit. Default: 5 consecutive failures. A function gives a cockatiel breaker. */
  readonly trip?: TripOptions | (() => IBreaker);
  /** The break duration: refuse calls so long before the first probe. From 1. Default: 10 000. */
  readonly openMs?: number;
  /** Close the circuit again. Default: after one probe that succeeds. */
  readonly halfOpen?: HalfOpenOptions;
  /** Say what an attempt without success tells the circuit. Default: {@link evidenceOf}. */
  readonly counts?: Decider<Evidence>;
}

/** Closes a circuit when `successes` of `calls` probes have succeeded. */
export interface HalfOpenOptions {
  /** Let so many probes through. From 1 to 1000. Default: 1. */
  readonly calls?: number;
  /** Want so many of them to succeed. From 1 to `calls`. Default: 1. */
  readonly successes?: number;
}

/** Bounds how many attempts are under way. */
export interface BulkheadOptions {
  /** Let so many be under way at once. From 1. Default: 50. */
  readonly concurrent?: number;
  /** Let so many wait for their turn. From 0. Default: 50. */
  readonly queue?: number;
  /** Refuse one that has waited this long. From 1. Default: 500. */
  readonly longestWaitMs?: number;
}

/** The values that stand where a declaration says nothing; `docs/resilience.md` says why. */
export const DEFAULTS = {
  timeoutMs: 2_000,
  leastUsefulMs: 1,
  cacheEntries: 1_000,
  retry: { attempts: 3, longestRetryAfterMs: 10_000 },
  backoff: { initialMs: 100, maxMs: 2_000, jitter: 'full' },
  budget: { ratio: 0.2, minPerSecond: 1, windowMs: 10_000 },
  breaker: { trip: { kind: 'consecutive', failures: 5 }, openMs: 10_000 },
  halfOpen: { calls: 1, successes: 1 },
  bulkhead: { concurrent: 50, queue: 50, longestWaitMs: 500 },
  minimumCalls: 20,
} as const;

/** Options over defaults; one that is there but undefined counts as left out. */
export function withDefaults<O extends object>(
  defaults: Required<O>,
  options: O | undefined,
): Required<O> {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

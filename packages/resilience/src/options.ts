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

/** A declaration of one dependency. Durations are in milliseconds. */
export interface DependencyOptions {
  /** The longest an attempt takes, from its start to its answer. Default: 2000. */
  readonly timeoutMs?: number;
  /** With less than this left of the caller's deadline, nothing is sent. Default: 1. */
  readonly leastUsefulMs?: number;
  /**
   * Whether a repeated call does no harm. Only such calls are retried, unless nothing was sent.
   * A call can say so for itself. Default: false.
   */
  readonly idempotent?: boolean;
  readonly retry?: RetryOptions | false;
  readonly breaker?: BreakerOptions | false;
  readonly bulkhead?: BulkheadOptions | false;
  /** What answers instead, in order, when the dependency does not. A call can bring its own. */
  readonly fallback?: readonly FallbackStep<unknown>[];
  /** Entries kept for the steps `cache` and `stale`; the least recently used goes first. Default: 1000. */
  readonly cacheEntries?: number;
  /** How an attempt ended whose function threw. Default: {@link describe}. */
  readonly describe?: Describe;
  /** After which outcomes the fallback answers. Default: {@link isReplaceable}. */
  readonly fallbackOn?: Decider<boolean>;
  /** The word of metrics for what did not succeed. Default: {@link outcomeWord}. */
  readonly reportAs?: Decider<Outcome>;
  /**
   * Makes an INTERNAL span for each attempt. Off by default: an instrumented HTTP or database
   * client makes a CLIENT span for each attempt already.
   */
  readonly spanPerAttempt?: boolean;
}

/** Whether and when a failed attempt is repeated. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default: 3. */
  readonly attempts?: number;
  /** The wait before each retry, or any backoff of cockatiel. */
  readonly backoff?: BackoffOptions | IBackoffFactory<unknown>;
  /** Retries as a share of calls; `false` lets every call use all its attempts. */
  readonly budget?: RetryBudgetOptions | false;
  /** A `Retry-After` beyond this ends the call instead of being waited for. Default: 10 000. */
  readonly longestRetryAfterMs?: number;
  /**
   * Which outcomes are worth a retry, where the caller still waits and a repeat does no harm.
   * Default: {@link isRetryable}.
   */
  readonly on?: Decider<boolean>;
}

/** Exponential: the wait doubles from `initialMs` up to `maxMs`. */
export interface BackoffOptions {
  /** Default: 100. */
  readonly initialMs?: number;
  /** Default: 2000. */
  readonly maxMs?: number;
  /**
   * `full` takes a wait anywhere below the computed one, `half` from its upper half, `none` itself.
   * Default: `full`.
   */
  readonly jitter?: 'full' | 'half' | 'none';
}

/** At most `ratio × calls + minPerSecond × window` retries in a window. */
export interface RetryBudgetOptions {
  /** Default: 0.2. */
  readonly ratio?: number;
  /** The floor, so that a quiet dependency may be retried at all. Default: 1. */
  readonly minPerSecond?: number;
  /** Default: 10 000. */
  readonly windowMs?: number;
}

/** What opens a circuit. */
export type TripOptions =
  /** So many failures without a success between them. */
  | { readonly kind: 'consecutive'; readonly failures: number }
  /** More than `threshold` (0 to 1) of the last `size` calls failed. */
  | {
      readonly kind: 'count';
      readonly size: number;
      readonly threshold: number;
      /** Default: `size`. */
      readonly minimumCalls?: number;
    }
  /** More than `threshold` (0 to 1) of the calls of the last `windowMs` failed. */
  | {
      readonly kind: 'sampling';
      readonly windowMs: number;
      readonly threshold: number;
      /** Default: 20. */
      readonly minimumCalls?: number;
    };

/** When calls are refused. */
export interface BreakerOptions {
  /** Default: 5 consecutive failures. A function gives a cockatiel breaker of your own. */
  readonly trip?: TripOptions | (() => IBreaker);
  /** How long calls are refused before the first probe. Default: 10 000. */
  readonly openMs?: number;
  readonly halfOpen?: HalfOpenOptions;
  /** What an attempt that did not succeed tells the circuit. Default: {@link evidenceOf}. */
  readonly counts?: Decider<Evidence>;
  /** Circuits kept for calls that name a `key`, such as a host. Default: 100. */
  readonly keys?: number;
}

/** Of `calls` probes `successes` must succeed for the circuit to close. */
export interface HalfOpenOptions {
  /** Default: 1. */
  readonly calls?: number;
  /** Default: 1. */
  readonly successes?: number;
}

/** How many attempts may be under way. */
export interface BulkheadOptions {
  /** Attempts under way at once. Default: 50. */
  readonly concurrent?: number;
  /** Attempts that may wait for their turn. Default: 50. */
  readonly queue?: number;
  /** The longest they wait. Default: 500. */
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
  breaker: { trip: { kind: 'consecutive', failures: 5 }, openMs: 10_000, keys: 100 },
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

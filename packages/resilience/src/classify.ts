/**
 * What an error thrown by an attempt says about the dependency.
 *
 * @module
 */
import {
  AppError,
  DeadlineExceededError,
  DependencyError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import { BulkheadFullError } from './errors.ts';
import type { RetryReason } from './names.ts';

/**
 * - `failure`: the dependency failed. Counts against its circuit.
 * - `ignored`: the dependency answered, and the answer is the caller's to deal with. Shows the
 *   circuit that the dependency works.
 * - `cancelled`: the caller went away or its time was up. Says nothing about the dependency.
 */
export type Verdict = 'failure' | 'ignored' | 'cancelled';

/** What is known about the attempt that threw. */
export interface AttemptBounds {
  /** What would have ended the attempt first: the dependency's timeout or the caller's deadline. */
  readonly boundBy: 'timeout' | 'deadline';
}

/** Decides what an error says about the dependency. One that throws is passed over. */
export type Classify = (error: unknown, bounds: AttemptBounds) => Verdict;

/**
 * The default. Errors of the contract with a status from 500 and anything unknown are failures;
 * client and business errors are not. "Deadline exceeded" from the dependency is the caller's
 * doing where the caller's deadline was the tighter bound, and the dependency's where it was not.
 */
export function classify(error: unknown, { boundBy }: AttemptBounds): Verdict {
  if (!(error instanceof AppError)) return 'failure';
  if (error instanceof RequestCancelledError) return 'cancelled';
  if (error.code === DeadlineExceededError.kind.code) {
    return boundBy === 'deadline' ? 'cancelled' : 'failure';
  }
  // A bulkhead of this process, inside the attempt. A peer's full bulkhead arrives as its 503.
  if (error instanceof BulkheadFullError) return 'ignored';
  return error.status >= 500 ? 'failure' : 'ignored';
}

/** The bounded word for an error that is worth a retry. */
export function retryReason(error: unknown): RetryReason {
  if (error instanceof DependencyTimeoutError) return 'timeout';
  if (error instanceof DependencyUnavailableError) return 'unavailable';
  if (error instanceof DependencyError) return 'bad_answer';
  if (error instanceof RateLimitError) return 'rate_limited';
  return 'error';
}

/** The bounded word for an error in telemetry: its code, or else the name of its class. */
export function errorType(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.constructor.name : typeof error;
}

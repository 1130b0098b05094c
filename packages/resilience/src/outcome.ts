/**
 * How an attempt ended: one value, told before anybody asks what follows from it.
 *
 * @module
 */
import {
  AppError,
  DeadlineExceededError,
  DependencyError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  originOf,
  RequestCancelledError,
} from '@breakwater/errors';
import { BulkheadFullError, CircuitOpenError } from './errors.ts';
import type { RetryReason } from './names.ts';

/**
 * The ways in which an attempt ends.
 *
 * - `succeeded`: its function gave a value.
 * - `failed`: the dependency failed, or nobody can tell that it did not.
 * - `timed_out`: the dependency had its whole timeout.
 * - `hung`: the caller's deadline ended it, after the dependency had {@link HUNG_SHARE} of its timeout.
 * - `failed_beyond`: the dependency answered that something it depends on itself failed or refuses.
 * - `answered`: the dependency answered, and the answer is the caller's to deal with, such as a 404.
 * - `turned_away`: 429; the dependency did not look at the request.
 * - `refused`: another policy of this process, inside the attempt, refused before anything was sent.
 * - `rejected`: a policy of this dependency refused; there was no attempt.
 * - `out_of_time`: the caller's deadline ended it before it could say anything.
 * - `cancelled`: the caller went away.
 */
export const ENDINGS = [
  'succeeded',
  'failed',
  'timed_out',
  'hung',
  'failed_beyond',
  'answered',
  'turned_away',
  'refused',
  'rejected',
  'out_of_time',
  'cancelled',
] as const;
export type Ending = (typeof ENDINGS)[number];

/** How an attempt ended, and the error it ended with. */
export class AttemptOutcome {
  readonly ending: Ending;
  /** Undefined for a success. */
  readonly error: unknown;

  constructor(ending: Ending, error: unknown) {
    this.ending = ending;
    this.error = error;
  }

  /** Whether the caller ended it: by going away, or because its time was up. */
  get endedByCaller(): boolean {
    const { ending } = this;
    return ending === 'cancelled' || ending === 'out_of_time' || ending === 'hung';
  }
}

/** The outcome of every attempt that gave a value. */
export const SUCCEEDED = new AttemptOutcome('succeeded', undefined);

/** What is known about an attempt beside the error it threw. */
export interface AttemptFacts {
  /** What would have ended the attempt first: the dependency's timeout or the caller's deadline. */
  readonly boundBy: 'timeout' | 'deadline';
  /** How long the dependency had, in milliseconds; no longer than the attempt was to last. */
  readonly waitedMs: number;
  /** The dependency's timeout, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Says how an attempt ended whose function threw; undefined for what {@link describe} says. One that
 * throws is passed over.
 */
export type Describe = (
  error: unknown,
  attempt: AttemptFacts,
) => Exclude<Ending, 'succeeded'> | undefined;

/**
 * The share of its timeout after which a dependency has hung, though the caller's deadline ended the
 * wait. Below it the caller was too hasty to say anything; without it, a dependency that hangs would
 * never be seen to fail where every deadline is a little shorter than the timeout.
 */
export const HUNG_SHARE = 0.5;

/** The ending of an attempt that the caller's deadline cut short. */
export function cutShort({ waitedMs, timeoutMs }: AttemptFacts): 'hung' | 'out_of_time' {
  return waitedMs >= HUNG_SHARE * timeoutMs ? 'hung' : 'out_of_time';
}

/**
 * The default reading of an error. An error of the contract with a status from 500 and anything
 * unknown is the dependency's failure, unless a peer names a dependency of its own in it: then the
 * peer works. "Deadline exceeded" from a peer is the caller's doing where the caller's deadline was
 * the tighter bound.
 */
export function describe(error: unknown, attempt: AttemptFacts): Exclude<Ending, 'succeeded'> {
  if (!(error instanceof AppError)) return 'failed';
  const fromPeer = originOf(error) !== undefined;
  const beyond = fromPeer && error.status >= 500 && 'dependency' in error.context;
  if (error.code === DeadlineExceededError.kind.code && attempt.boundBy === 'deadline') {
    const ending = cutShort(attempt);
    return ending === 'hung' && beyond ? 'failed_beyond' : ending;
  }
  if (beyond) return 'failed_beyond';
  if (error instanceof RequestCancelledError && !fromPeer) return 'cancelled';
  // Of this process: a peer's own circuit or bulkhead arrives as its 503.
  if (error instanceof CircuitOpenError || error instanceof BulkheadFullError) return 'refused';
  if (error.status === 429) return 'turned_away';
  return error.status >= 500 ? 'failed' : 'answered';
}

/** The bounded word for what an attempt is repeated for. */
export function retryReason({ ending, error }: AttemptOutcome): RetryReason {
  if (ending === 'turned_away') return 'rate_limited';
  if (error instanceof DependencyTimeoutError) return 'timeout';
  if (error instanceof DependencyUnavailableError) return 'unavailable';
  if (error instanceof DependencyError) return 'bad_answer';
  return 'error';
}

/** The bounded word for an error in telemetry: its code, or else the name of its class. */
export function errorType(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.constructor.name : typeof error;
}

/**
 * One execution: what it was asked for, and what can end it from outside.
 *
 * @module
 */
import {
  type AppError,
  DeadlineExceededError,
  type Delivery,
  DependencyTimeoutError,
} from '@breakwater/errors';
import type { Breaker } from './breaker/breaker.ts';
import { Deadline } from './deadline.ts';
import { deliveryOf, lessCertain } from './delivery.ts';
import { callCancelled, deadlineExceeded } from './errors.ts';
import type { FallbackStep } from './fallback.ts';
import { type AttemptOutcome, SUCCEEDED } from './outcome.ts';
import { currentScope } from './request-scope.ts';

/** What a caller says about one call. */
export interface CallOptions<T = unknown> {
  /** Ends the call when it aborts, beside the signal of the {@link currentScope}. */
  readonly signal?: AbortSignal | undefined;
  /** Bounds the whole call. The deadline of the {@link currentScope} bounds it too. */
  readonly deadline?: Deadline | undefined;
  /** Whether a repeat does no harm. Default: what the dependency declares. */
  readonly idempotent?: boolean | undefined;
  /** Under which name the value is kept for the fallback steps `cache` and `stale`. */
  readonly cacheKey?: string | undefined;
  /** Takes the place of the dependency's own chain; an empty list means none. */
  readonly fallback?: readonly FallbackStep<NoInfer<T>>[] | undefined;
}

/** What goes through the policies: one for each `execute`. */
export class Call {
  readonly startedAt: number;
  readonly deadline: Deadline | undefined;
  readonly idempotent: boolean;
  /** The circuit that guards the call. */
  readonly breaker: Breaker | undefined;
  /** How the latest attempt ended, or what came in its place. */
  latest: AttemptOutcome = SUCCEEDED;
  /** Attempts that were let through. */
  attempts = 0;
  /** When the latest attempt ended, on the clock's scale. */
  endedAt: number;
  /** What to do when the caller goes away; there is one thing that waits at a time. */
  onCancel: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #scopeSignal: AbortSignal | undefined;
  #delivery: Delivery = 'not_sent';
  #lastError: unknown;

  constructor(
    options: CallOptions,
    startedAt: number,
    idempotent: boolean,
    breaker: Breaker | undefined,
  ) {
    const scope = currentScope();
    this.startedAt = startedAt;
    this.endedAt = startedAt;
    this.idempotent = options.idempotent ?? idempotent;
    this.breaker = breaker;
    this.deadline = Deadline.earliest(options.deadline, scope.deadline);
    this.#signal = options.signal;
    this.#scopeSignal = scope.signal === options.signal ? undefined : scope.signal;
    this.#signal?.addEventListener('abort', this);
    this.#scopeSignal?.addEventListener('abort', this);
  }

  /** Called by the signals. */
  handleEvent(): void {
    this.onCancel?.();
  }

  /** Lets go of the signals: they outlive the call. */
  end(): void {
    this.#signal?.removeEventListener('abort', this);
    this.#scopeSignal?.removeEventListener('abort', this);
  }

  /** Notes an attempt that ended badly: what ends the call later knows of it. */
  failed(error: unknown): void {
    this.#delivery = lessCertain(this.#delivery, deliveryOf(error));
    this.#lastError = error;
  }

  get cancelled(): boolean {
    return this.#signal?.aborted === true || this.#scopeSignal?.aborted === true;
  }

  /** Milliseconds until the deadline; infinite without one. */
  remainingMs(): number {
    return this.deadline?.remainingMs() ?? Number.POSITIVE_INFINITY;
  }

  /** The error of a call whose deadline ended an attempt, with the failure before that below it. */
  outOfTime(dependency: string): AppError {
    return deadlineExceeded(dependency, 'unknown', this.#lastError);
  }

  /**
   * Whether what ended the call was a bound of time, such as the deadline of the request or the
   * timeout of an attempt around it, rather than somebody who went away.
   */
  get outOfTimeBySignal(): boolean {
    const reason = this.#reason();
    return (
      reason instanceof DeadlineExceededError ||
      reason instanceof DependencyTimeoutError ||
      // As of AbortSignal.timeout().
      (reason instanceof DOMException && reason.name === 'TimeoutError')
    );
  }

  /**
   * The error of a cancelled call; the signal's reason where that is a deadline.
   *
   * @param sent whether an attempt was under way.
   */
  cancellation(dependency: string, sent: boolean): AppError {
    const reason = this.#reason();
    if (reason instanceof DeadlineExceededError) return reason;
    return callCancelled(dependency, sent ? 'unknown' : this.#delivery, reason);
  }

  #reason(): unknown {
    const aborted = this.#signal?.aborted ? this.#signal : this.#scopeSignal;
    return aborted?.reason;
  }
}

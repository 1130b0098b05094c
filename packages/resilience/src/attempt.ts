/**
 * One attempt: a function, the time it has, and the signal that tells it when that is over.
 *
 * Stands in for cockatiel's TimeoutPolicy, which reports a caller's own cancellation as a timeout
 * and aborts a controller on every return, the costliest part of a call.
 *
 * @module
 */
import { AsyncResource } from 'node:async_hooks';
import type { AppError } from '@breakwater/errors';
import type { Call } from './call.ts';
import type { Clock, Timer } from './clock.ts';
import { Deadline } from './deadline.ts';
import { attemptTimedOut } from './errors.ts';
import { networkError } from './network-error.ts';
import type { AttemptFacts } from './outcome.ts';
import { type RequestScope, runAsScope } from './request-scope.ts';
import type { Timed, TimeoutQueue } from './timeout-queue.ts';

/** What the function of an attempt is given. */
export interface AttemptContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * Aborted at the timeout, at the deadline, and when the caller goes away. A function that does
   * not pass it on goes on working when nobody waits any more.
   */
  readonly signal: AbortSignal;
  /** The end of this attempt: its timeout or the caller's deadline, whichever is earlier. */
  readonly deadline: Deadline;
}

/** What all attempts at one dependency share. */
export interface AttemptSettings {
  readonly dependency: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly timeouts: TimeoutQueue;
  /** Attempts whose function went on after they had ended. */
  abandoned: number;
}

/** Its function's context, its scope, and its place in the queue of timeouts, in one object. */
export class Attempt implements AttemptContext, AttemptFacts, RequestScope, Timed {
  readonly attempt: number;
  readonly startedAt: number;
  readonly dueAt: number;
  readonly boundBy: 'timeout' | 'deadline';
  /** What ended the attempt before its function did. */
  endedBy: 'timeout' | 'deadline' | 'caller' | undefined;
  readonly #settings: AttemptSettings;
  readonly #call: Call;
  /** Listeners of the signal run in the context of the call, not of the timer. */
  readonly #resource = new AsyncResource('breakwater.attempt', { requireManualDestroy: true });
  #controller: AbortController | undefined;
  #timer: Timer | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #interruption: AppError | undefined;

  constructor(settings: AttemptSettings, call: Call, attempt: number, startedAt: number) {
    this.#settings = settings;
    this.#call = call;
    this.attempt = attempt;
    this.startedAt = startedAt;
    const timeoutAt = startedAt + settings.timeoutMs;
    const deadlineAt = startedAt + call.remainingMs();
    this.boundBy = deadlineAt < timeoutAt ? 'deadline' : 'timeout';
    this.dueAt = Math.min(timeoutAt, deadlineAt);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.endedBy !== undefined) this.#controller.abort(this.#interruption);
    }
    return this.#controller.signal;
  }

  get deadline(): Deadline {
    return new Deadline(this.dueAt, this.#settings.clock);
  }

  get timeoutMs(): number {
    return this.#settings.timeoutMs;
  }

  get waitedMs(): number {
    return Math.min(this.#settings.clock.now(), this.dueAt) - this.startedAt;
  }

  /**
   * Runs the function until it ends or its time is over. It rejects at once when the time is over,
   * whatever the function does; what the function still gives is dropped.
   */
  run<T>(fn: (context: AttemptContext) => T | PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      this.#watch();
      let running: T | PromiseLike<T>;
      try {
        running = runAsScope(this, fn);
      } catch (error) {
        if (this.#end()) reject(this.#read(error));
        return;
      }
      Promise.resolve(running).then(
        (value) => {
          if (this.#end()) resolve(value);
        },
        (error) => {
          if (this.#end()) reject(this.#read(error));
        },
      );
    });
  }

  onTimeout(): void {
    const { dependency, timeoutMs } = this.#settings;
    const error =
      this.boundBy === 'timeout'
        ? attemptTimedOut(dependency, timeoutMs)
        : this.#call.outOfTime(dependency);
    this.#interrupt(this.boundBy, error);
  }

  #watch(): void {
    const { clock, timeouts, timeoutMs, dependency } = this.#settings;
    if (this.boundBy === 'timeout') timeouts.add(this, timeoutMs);
    else this.#timer = clock.setTimer(() => this.onTimeout(), this.dueAt - this.startedAt);
    this.#call.onCancel = () => {
      const by = this.#call.outOfTimeBySignal ? 'deadline' : 'caller';
      this.#interrupt(by, this.#call.cancellation(dependency, true));
    };
  }

  #read(error: unknown): unknown {
    return networkError(this.#settings.dependency, error) ?? error;
  }

  /** The function has ended; whether anybody still waits for that. */
  #end(): boolean {
    if (this.endedBy !== undefined) {
      this.#settings.abandoned--;
      return false;
    }
    this.#unwatch();
    return true;
  }

  #interrupt(by: 'timeout' | 'deadline' | 'caller', error: AppError): void {
    this.endedBy = by;
    this.#interruption = error;
    this.#settings.abandoned++;
    this.#unwatch();
    this.#reject?.(error);
    const controller = this.#controller;
    if (controller) this.#resource.runInAsyncScope(() => controller.abort(error));
  }

  #unwatch(): void {
    if (this.#timer) this.#timer.cancel();
    else this.#settings.timeouts.delete(this);
    this.#call.onCancel = undefined;
  }
}

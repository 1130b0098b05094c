import type { AttemptContext } from '../attempt.ts';
import type { Clock } from '../clock.ts';

/** What the other side does with one attempt. */
export type ScriptStep<T> =
  | { readonly value: T; readonly afterMs?: number }
  /** Fails; a function makes a new error each time, as the real thing would. */
  | { readonly error: unknown; readonly afterMs?: number }
  /** Never answers; ends when the attempt is given up, as a well-behaved client does. */
  | 'hang'
  /** Never answers and does not listen to its signal. */
  | 'ignore-signal';

/** One attempt as the other side saw it. */
export interface SeenAttempt {
  readonly attempt: number;
  readonly startedAt: number;
  /** What was left of the attempt's time when it started, in milliseconds. */
  readonly remainingMs: number;
  readonly signal: AbortSignal;
}

/**
 * The other side of a call, which does as it is told: one step an attempt, the last one for ever.
 *
 * @example
 * const provider = new ScriptedDependency(clock, [{ error: () => new Error('down') }, { value: 42 }]);
 * assert.equal(await payments.execute(provider.call, { idempotent: true }), 42);
 * assert.equal(provider.seen.length, 2);
 */
export class ScriptedDependency<T> {
  /** Every attempt so far. */
  readonly seen: SeenAttempt[] = [];
  /** Attempts that have not ended. */
  active = 0;
  /** The most there were at once. */
  mostActive = 0;
  readonly #clock: Clock;
  #steps: readonly ScriptStep<T>[];
  #next = 0;

  /** @throws {RangeError} for an empty script. */
  constructor(clock: Clock, steps: readonly ScriptStep<T>[]) {
    this.#clock = clock;
    this.#steps = steps;
    this.script(steps);
  }

  /** Replaces what is still to come. */
  script(steps: readonly ScriptStep<T>[]): void {
    if (steps.length === 0) throw new RangeError('a script needs at least one step');
    this.#steps = steps;
    this.#next = 0;
  }

  /** The function to give to `execute`. */
  readonly call = async ({ attempt, signal, deadline }: AttemptContext): Promise<T> => {
    const remainingMs = deadline.remainingMs();
    this.seen.push({ attempt, startedAt: this.#clock.now(), remainingMs, signal });
    this.mostActive = Math.max(this.mostActive, ++this.active);
    try {
      return await this.#play(signal);
    } finally {
      this.active--;
    }
  };

  #play(signal: AbortSignal): Promise<T> {
    const step = this.#steps[Math.min(this.#next++, this.#steps.length - 1)] as ScriptStep<T>;
    return new Promise((resolve, reject) => {
      if (step === 'ignore-signal') return;
      const stop = () => reject(signal.reason);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      if (step === 'hang') return;
      const answer = () => {
        if ('value' in step) resolve(step.value);
        else reject(typeof step.error === 'function' ? step.error() : step.error);
      };
      if (step.afterMs === undefined) answer();
      else this.#clock.setTimer(answer, step.afterMs);
    });
  }
}

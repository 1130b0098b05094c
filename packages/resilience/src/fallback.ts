/**
 * What answers when the dependency does not.
 *
 * @module
 */
import type { AttemptContext } from './attempt.ts';
import type { Call } from './call.ts';
import type { Source } from './names.ts';
import type { ValueCache } from './value-cache.ts';

/** One step of a chain; the first that has a value answers. */
export type FallbackStep<T> =
  /** Another way to the same value, such as a second replica. Bounded like an attempt. */
  | {
      readonly source: 'fallback';
      readonly call: (context: AttemptContext, error: unknown) => T | PromiseLike<T>;
    }
  /** The last value of the call's `cacheKey`, if it is no older than this. */
  | { readonly source: 'cache' | 'stale'; readonly maxAgeMs: number }
  /** A value that says for itself that it is worse: a constant, or made from the error. */
  | { readonly source: 'degraded'; readonly value: T | ((error: unknown) => T) };

/** A value, and where it came from. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

/** A value that is not the dependency's own. */
export interface Substitute<T> extends Sourced<T> {
  readonly source: Exclude<Source, 'primary'>;
}

/** What a chain has to go by. */
export interface FallbackContext {
  /** Why the dependency did not answer. */
  readonly error: unknown;
  readonly call: Call;
  readonly cache: ValueCache;
  readonly cacheKey: string | undefined;
  /** Runs another way to the value, within the call's bounds. */
  run<T>(fn: (context: AttemptContext) => T | PromiseLike<T>): Promise<T>;
}

/**
 * Goes through the chain. A step that throws is passed over: the error that counts is the
 * dependency's.
 *
 * @returns undefined when no step has a value, or the caller has gone away.
 */
export async function fallBack<T>(
  steps: readonly FallbackStep<T>[],
  context: FallbackContext,
): Promise<Substitute<T> | undefined> {
  for (const step of steps) {
    if (context.call.cancelled) return undefined;
    try {
      const found = await answer(step, context);
      if (found) return { value: found.value, source: step.source };
    } catch {
      // The next step may do better, and the dependency's own error is not lost.
    }
  }
  return undefined;
}

async function answer<T>(
  step: FallbackStep<T>,
  { error, cache, cacheKey, call, run }: FallbackContext,
): Promise<{ readonly value: T } | undefined> {
  if (step.source === 'fallback') {
    return { value: await run((context) => step.call(context, error)) };
  }
  if (step.source === 'degraded') {
    const { value } = step;
    return { value: typeof value === 'function' ? (value as (error: unknown) => T)(error) : value };
  }
  return cache.get<T>(cacheKey, call.endedAt, step.maxAgeMs);
}

/**
 * How long to wait before a retry.
 *
 * @module
 */
import { type IBackoffFactory, noJitterGenerator } from 'cockatiel';
import { type BackoffOptions, DEFAULTS, withDefaults } from './options.ts';
import type { Random } from './seeded-random.ts';

/** The waits of one call, in milliseconds, one after the other. */
export type Waits = (error: unknown) => number;

/**
 * Starts the waits of a call. The exponential curve is cockatiel's, the jitter is not: cockatiel's
 * generators draw from `Math.random`, which no test can hold still.
 */
export function startBackoff(
  options: BackoffOptions | IBackoffFactory<unknown> | undefined,
  random: Random,
): Waits {
  if (options !== undefined && 'next' in options) return cockatielWaits(options);
  const { initialMs, maxMs, jitter } = withDefaults<BackoffOptions>(DEFAULTS.backoff, options);
  const curve = {
    initialDelay: initialMs,
    maxDelay: maxMs,
    exponent: 2,
    generator: noJitterGenerator,
  };
  let retries: number | undefined;
  return () => {
    const [wait, next] = noJitterGenerator(retries, curve);
    retries = next;
    if (jitter === 'none') return wait;
    return jitter === 'full' ? random() * wait : wait / 2 + (random() * wait) / 2;
  };
}

function cockatielWaits(factory: IBackoffFactory<unknown>): Waits {
  const { signal } = new AbortController();
  let next = factory;
  let attempt = 0;
  return (error) => {
    try {
      const backoff = next.next({ attempt: ++attempt, signal, result: { error } });
      next = backoff;
      return Math.max(0, backoff.duration) || 0;
    } catch {
      // Its own bug must not take the place of the failure that is waited after.
      return DEFAULTS.backoff.initialMs;
    }
  };
}

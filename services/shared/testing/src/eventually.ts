/**
 * Waits for something another process does in its own time.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Repeats `check` until it no longer throws and gives its result; its last error after 60 s.
 * For what a test cannot be told about, such as a queue of another process; never to give
 * something time to happen.
 */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

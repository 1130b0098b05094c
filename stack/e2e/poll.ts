/**
 * Waiting for a condition, with a bound.
 *
 * @module
 */

/** Tries `check` until it does not throw; throws its last error when the time is over. */
export async function pollUntil(ms: number, check: () => void | Promise<void>): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

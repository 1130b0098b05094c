/**
 * "This has been retried already", told from hop to hop.
 *
 * Where every hop retries three times, a provider that is down gets nine times the load at two hops
 * and twenty-seven at three. A hop that gives up after retries marks its error; the service sends
 * the mark as `X-Should-Retry: false`, and the hop above passes the failure on instead of
 * multiplying it. So one layer retries: the one closest to the trouble.
 *
 * @module
 */
import { HEADERS } from './names.ts';

/** One that came twice, as from a proxy that adds its own, reads as a list. */
const SAYS_NO = /(?:^|,)\s*false\s*(?:,|$)/i;

const exhausted = new WeakSet<object>();

/** Marks an error as one that no caller should retry. Primitives cannot be marked. */
export function discourageRetry<E>(error: E): E {
  if (typeof error === 'object' && error !== null) exhausted.add(error);
  return error;
}

/** Whether this error, or one below it, is marked. */
export function isRetryDiscouraged(error: unknown): boolean {
  // Eight causes deep is further than any error here goes, and ends a cycle.
  for (let depth = 0; depth < 8 && typeof error === 'object' && error !== null; depth++) {
    if (exhausted.has(error)) return true;
    error = (error as { cause?: unknown }).cause;
  }
  return false;
}

/** The headers that an error response carries on account of the mark. */
export function retryHintHeaders(error: unknown): Readonly<Record<string, string>> {
  return isRetryDiscouraged(error) ? { [HEADERS.shouldRetry]: 'false' } : {};
}

/** Marks a decoded error if the response it came in says so. */
export function readRetryHint<E>(error: E, headers: { get(name: string): string | null }): E {
  return SAYS_NO.test(headers.get(HEADERS.shouldRetry) ?? '') ? discourageRetry(error) : error;
}

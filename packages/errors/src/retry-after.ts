/**
 * `Retry-After`, by RFC 9110, section 10.2.3.
 *
 * @module
 */

/** A day: no wait that is stated is taken for longer, nor passed on as longer; in seconds. */
export const MAX_RETRY_AFTER_S = 86_400;

const SECONDS = /^\d+$/;

/** The three forms of an HTTP-date that a recipient must accept (RFC 9110, section 5.6.7). */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC850_DATE = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * The wait that a response asks for, in whole seconds from 0 to {@link MAX_RETRY_AFTER_S}. A date
 * is compared with the response's own `Date`, so that the clocks of two machines need not agree. A
 * value that is neither a number of seconds nor a date (a negative, a fraction, a list) says
 * nothing: undefined, as without the header.
 *
 * @param now milliseconds since the epoch, for a response without a `Date`.
 */
export function readRetryAfter(
  headers: { get(name: string): string | null },
  now: number = Date.now(),
): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (SECONDS.test(value)) return boundRetryAfter(Number(value));
  const at = parseHttpDate(value);
  if (at === undefined) return undefined;
  const sentAt = parseHttpDate(headers.get('date')?.trim() ?? '') ?? now;
  return boundRetryAfter(Math.max(0, Math.ceil((at - sentAt) / 1_000)));
}

/** Seconds that make a `Retry-After`, no more than the most; undefined for what makes none. */
export function boundRetryAfter(seconds: number | undefined): number | undefined {
  if (seconds === undefined || !(seconds >= 0)) return undefined;
  return Math.min(seconds, MAX_RETRY_AFTER_S);
}

function parseHttpDate(text: string): number | undefined {
  const known = IMF_FIXDATE.test(text) || RFC850_DATE.test(text);
  if (!known && !ASCTIME_DATE.test(text)) return undefined;
  const at = Date.parse(known ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}

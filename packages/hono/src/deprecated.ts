/**
 * Says on every response that what was asked is on its way out, and what takes its place.
 *
 * @module
 */
import type { MiddlewareHandler } from 'hono';

/** When what is deprecated was, and when it ends. */
export interface DeprecationOptions {
  /** Since when nobody new should use it: a `Date`, or ISO 8601 as `2026-12-01`. */
  readonly since: Date | string;
  /** From when on it may not respond any more. Default: that is not decided. */
  readonly sunset?: Date | string;
  /** URL, or path, of what takes its place. */
  readonly successor?: string;
  /** URL, or path, of a page about the change. */
  readonly documentation?: string;
}

/**
 * Put `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` (RFC 8288) on every response of the
 * routes it is used for, failed ones too. What they respond with stays the same.
 *
 * @throws {TypeError} when a date is none, or the sunset is before the deprecation
 * @example
 * app.use('/v1/*', deprecated({ since: '2026-12-01', sunset: '2027-06-01', successor: '/v2' }));
 */
export function deprecated(options: DeprecationOptions): MiddlewareHandler {
  const headers = deprecationHeaders(options);
  const { deprecation, sunset, link } = headers;
  return async (c, next) => {
    await next();
    c.header('deprecation', deprecation);
    if (sunset !== undefined) c.header('sunset', sunset);
    for (const each of link) c.header('link', each, { append: true });
  };
}

/** The values of the headers, for what is no HTTP response, such as metadata of a gRPC call. */
export function deprecationHeaders(options: DeprecationOptions): {
  readonly deprecation: string;
  readonly sunset?: string;
  readonly link: readonly string[];
} {
  const since = dateOf('since', options.since);
  const link = [
    ['successor-version', options.successor],
    ['deprecation', options.documentation],
  ].flatMap(([relation, target]) => (target ? [`<${target}>; rel="${relation}"`] : []));
  // RFC 9651, section 3.3.7: a date is an at sign and seconds.
  const deprecation = `@${Math.floor(since.getTime() / 1000)}`;
  if (options.sunset === undefined) return { deprecation, link };
  const sunset = dateOf('sunset', options.sunset);
  if (sunset < since) throw new TypeError('the sunset is before the deprecation (RFC 9745)');
  return { deprecation, sunset: sunset.toUTCString(), link };
}

function dateOf(name: string, value: Date | string): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${name} is no date: ${value}`);
  return date;
}

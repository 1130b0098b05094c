/**
 * Guards endpoints that only those who know a token may use.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AuthenticationError, RateLimitError } from '@breakwater/errors';
import type { Context, MiddlewareHandler } from 'hono';
import { ACCESS_ERRORS, accessCheck } from './access-control.ts';
import { clientAddress, clientNetwork } from './client-address.ts';
import { GuessLimit } from './guess-limit.ts';
import { DEVELOPMENT_TOKEN } from './loopback.ts';

/** What a route that wants a token can respond with beside its own errors. */
export const TOKEN_ERRORS = [AuthenticationError, RateLimitError, ...ACCESS_ERRORS] as const;

/** How a token is asked for. */
export interface TokenOptions {
  /** Names beside those of loopback that the token everybody knows opens under. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** Proxies of our own in front, as {@link clientAddress} takes them. Default: 0. */
  readonly trustedProxies?: number;
  /** Wall clock, in milliseconds. */
  readonly now?: () => number;
}

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function secretsEqual(given: string, expected: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Wants `Authorization: Bearer <token>`; responds with 401 and the challenge otherwise, with 429 to
 * an address that guesses, see {@link GuessLimit}. The token that everybody knows, `breakwater-dev`,
 * opens to nobody but this machine and its own pages: see {@link accessCheck}.
 */
export function requireBearer(token: string, options?: TokenOptions): MiddlewareHandler {
  return requireSecret(
    token,
    (c) => c.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1],
    () => new AuthenticationError('A valid control token is required.', 'Bearer realm="control"'),
    options,
  );
}

/**
 * {@link requireBearer} for a token in a header of its own, with a challenge that names the header
 * as its scheme, since no registered scheme stands for it.
 *
 * @example
 * app.openapi(route({ …, middleware: requireToken('X-Token', token, 'reports') }), …);
 */
export function requireToken(
  header: string,
  token: string,
  realm: string,
  options?: TokenOptions,
): MiddlewareHandler {
  return requireSecret(
    token,
    (c) => c.req.header(header),
    () =>
      new AuthenticationError(
        `A valid token in the header ${header} is required.`,
        `${header} realm="${realm}"`,
      ),
    options,
  );
}

function requireSecret(
  expected: string,
  read: (c: Context) => string | undefined,
  refusal: () => AuthenticationError,
  { trustedProxies = 0, allowedHosts = [], now }: TokenOptions = {},
): MiddlewareHandler {
  if (expected === '')
    throw new TypeError('the token must not be empty: it would open to everybody');
  const guesses = new GuessLimit(now);
  const isKnown = expected === DEVELOPMENT_TOKEN;
  const checkAccess = isKnown ? accessCheck(allowedHosts) : undefined;
  return async (c, next) => {
    checkAccess?.(c);
    const given = read(c) ?? '';
    // Who brings none does not guess.
    if (given === '') throw refusal();
    const address = clientNetwork(clientAddress(c, trustedProxies));
    const waitMs = guesses.waitMs(address);
    if (waitMs > 0) {
      throw new RateLimitError('Too many wrong tokens came from this address.', {
        retryAfterS: Math.ceil(waitMs / 1_000),
      });
    }
    if (!secretsEqual(given, expected)) {
      guesses.count(address);
      throw refusal();
    }
    await next();
  };
}

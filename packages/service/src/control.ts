/**
 * Guards endpoints that only those who know a token may use.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AuthenticationError } from '@breakwater/errors';
import type { Context, MiddlewareHandler } from 'hono';

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function secretsEqual(given: string, expected: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Wants `Authorization: Bearer <token>`; answers 401 with the challenge otherwise. */
export function requireBearer(token: string): MiddlewareHandler {
  return requireSecret(
    token,
    (c) => c.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1],
    () => new AuthenticationError('A valid control token is required.', 'Bearer realm="control"'),
  );
}

/**
 * Wants the token in a header of its own; answers 401 with a challenge that names the header as its
 * scheme, since no registered scheme stands for it.
 *
 * @example
 * app.openapi(route({ …, middleware: requireToken('X-Token', token, 'reports') }), …);
 */
export function requireToken(header: string, token: string, realm: string): MiddlewareHandler {
  return requireSecret(
    token,
    (c) => c.req.header(header),
    () =>
      new AuthenticationError(
        `A valid token in the header ${header} is required.`,
        `${header} realm="${realm}"`,
      ),
  );
}

function requireSecret(
  expected: string,
  read: (c: Context) => string | undefined,
  refusal: () => AuthenticationError,
): MiddlewareHandler {
  if (expected === '')
    throw new TypeError('the token must not be empty: it would open to everybody');
  return async (c, next) => {
    if (!secretsEqual(read(c) ?? '', expected)) throw refusal();
    await next();
  };
}

/**
 * Guards endpoints that change how a service behaves.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { AuthenticationError } from '@breakwater/errors';
import type { MiddlewareHandler } from 'hono';

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function secretsEqual(given: string, expected: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Wants `Authorization: Bearer <token>`; answers 401 with the challenge otherwise. */
export function requireBearer(token: string): MiddlewareHandler {
  return async (c, next) => {
    const given = c.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1] ?? '';
    if (!secretsEqual(given, token)) {
      throw new AuthenticationError('A valid control token is required.', 'Bearer realm="control"');
    }
    await next();
  };
}

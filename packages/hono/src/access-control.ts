/**
 * Who is let in where nobody has to name a token: programs, and pages of the same origin.
 *
 * @module
 */
import { AuthorizationError, defineKind, type ErrorKind } from '@breakwater/errors';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback } from './loopback.ts';
import { parseUrl } from './parse-url.ts';

/** The request names a host that this listener is not known by: how DNS rebinding arrives. 403. */
export class ForeignHostError extends AuthorizationError {
  static override readonly kind: ErrorKind = defineKind(AuthorizationError.kind, {
    name: 'ForeignHostError',
    code: 'FOREIGN_HOST',
    meaning: 'The request was made for a host name that this listener is not known by.',
    client: 'Ask for 127.0.0.1 or localhost, or name the host in ALLOWED_HOSTS of the service.',
    operator: 'Set ALLOWED_HOSTS if the name is yours; else a page tries to reach the service.',
  });

  constructor() {
    super('There is no response under this host name.');
  }
}

/** Another page's script made the request. 403. */
export class ForeignOriginError extends AuthorizationError {
  static override readonly kind: ErrorKind = defineKind(AuthorizationError.kind, {
    name: 'ForeignOriginError',
    code: 'FOREIGN_ORIGIN',
    meaning: 'The request was made by a page of another origin.',
    client: 'Use the pages of this origin; a program sends no Origin.',
    operator: 'A page of another origin tries to reach the service: find out which one is open.',
  });

  constructor() {
    super('Requests of pages of other origins are refused.');
  }
}

/** What {@link accessControl} throws. */
export const ACCESS_ERRORS = [ForeignHostError, ForeignOriginError] as const;

/**
 * Checks every request. Listening on loopback alone protects nothing: a name that resolves to
 * 127.0.0.1 (DNS rebinding) and a form of any page reach it.
 *
 * @param allowedHosts names beside those of loopback; without port
 * @throws {ForeignHostError} {@link ForeignOriginError}
 */
export function accessControl(allowedHosts: readonly string[]): MiddlewareHandler {
  const check = accessCheck(allowedHosts);
  return async (c, next) => {
    check(c);
    await next();
  };
}

/** {@link accessControl} for one request. */
export function accessCheck(allowedHosts: readonly string[]): (c: Context) => void {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
  return (c) => {
    const host = c.req.header('host') ?? '';
    const name = parseUrl(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
    if (!isLoopback(name) && !allowed.has(name)) throw new ForeignHostError();
    const origin = c.req.header('origin');
    if (origin !== undefined && parseUrl(origin)?.host !== host.toLowerCase()) {
      throw new ForeignOriginError();
    }
    if (isForeignFetch(c.req.header('sec-fetch-site'), c.req.header('sec-fetch-mode'))) {
      throw new ForeignOriginError();
    }
  };
}

/** A link to a page may stand anywhere; what loads one without showing it may not. */
function isForeignFetch(site: string | undefined, mode: string | undefined): boolean {
  const foreign = site === 'cross-site' || site === 'same-site';
  return foreign && mode !== 'navigate';
}

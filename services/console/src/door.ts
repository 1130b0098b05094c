/**
 * Who is let in: browsers that look at the console's own pages, and programs.
 *
 * @module
 */
import { isLoopback, type ServiceEnv } from '@breakwater/service';
import type { MiddlewareHandler } from 'hono';
import { ForeignHostError, ForeignOriginError } from './errors.ts';

/**
 * Checks every request, the stream included. Listening on loopback alone protects nothing: a name
 * that resolves to 127.0.0.1 (DNS rebinding) and a form of any page reach it.
 *
 * @param allowedHosts names beside those of loopback; without port
 */
export function door(allowedHosts: readonly string[]): MiddlewareHandler<ServiceEnv> {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
    if (!isLoopback(name) && !allowed.has(name)) throw new ForeignHostError();
    const origin = c.req.header('origin');
    if (origin !== undefined && URL.parse(origin)?.host !== host.toLowerCase()) {
      throw new ForeignOriginError();
    }
    if (isForeignFetch(c.req.header('sec-fetch-site'), c.req.header('sec-fetch-mode'))) {
      throw new ForeignOriginError();
    }
    await next();
    protect(c.res.headers, c.req.path);
  };
}

/** A link to a page may stand anywhere; what loads one without showing it may not. */
function isForeignFetch(site: string | undefined, mode: string | undefined): boolean {
  const foreign = site === 'cross-site' || site === 'same-site';
  return foreign && mode !== 'navigate';
}

const STRICT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
/** The page every service has at `/docs`: its style stands in it, and it has no script. */
const DOCS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** Headers that keep a page to itself; an answer that has a policy of its own keeps it. */
function protect(headers: Headers, path: string): void {
  if (!headers.has('content-security-policy')) {
    headers.set('content-security-policy', path === '/docs' ? DOCS : STRICT);
  }
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
}

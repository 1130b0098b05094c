/**
 * Who is let in: browsers that look at the console's own pages, and programs.
 *
 * @module
 */
import { accessCheck, type ServiceEnv } from '@breakwater/hono';
import type { MiddlewareHandler } from 'hono';

/**
 * Checks every request, the stream included, as {@link accessCheck} does, and keeps what is answered
 * to the console's own pages.
 *
 * @param allowedHosts names beside those of loopback; without port
 */
export function accessControl(allowedHosts: readonly string[]): MiddlewareHandler<ServiceEnv> {
  const check = accessCheck(allowedHosts);
  return async (c, next) => {
    check(c);
    await next();
    protect(c.res.headers, c.req.path);
  };
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

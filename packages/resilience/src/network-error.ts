/**
 * What a failed connection says of a dependency.
 *
 * @module
 */
import { AppError, DependencyUnavailableError } from '@breakwater/errors';

/** Codes of Node.js and undici for a connection that was never made: nothing can have had an effect. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Those for one that broke, or on which nothing came. */
const BROKEN = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** `fetch` hides the error of the socket one or two causes deep. */
const DEPTH = 4;

/**
 * Read the failure of a connection, as `fetch`, `node:http` and most drivers report it.
 *
 * @returns the contract's error, with the failure as its cause and whether anything was sent;
 *   undefined for what is no such failure, such as a bug
 */
export function networkError(
  dependency: string,
  error: unknown,
): DependencyUnavailableError | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < DEPTH; e = e.cause, depth++) {
    if (e instanceof AppError) return undefined;
    const code = 'code' in e ? String(e.code) : '';
    const wasSent = BROKEN.has(code);
    if (!wasSent && !NOT_SENT.has(code)) continue;
    const delivery = wasSent ? 'unknown' : 'not_sent';
    return new DependencyUnavailableError(dependency, { cause: error, delivery });
  }
  return undefined;
}

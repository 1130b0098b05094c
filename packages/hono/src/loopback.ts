/**
 * What is open to this machine alone.
 *
 * @module
 */

/** The default of every token: it opens while only this machine can reach the service. */
export const DEVELOPMENT_TOKEN = 'breakwater-dev';

/** Whether only this machine can reach a server bound to `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

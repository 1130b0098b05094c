/**
 * Paths of the public listener that tell about a service or feed it, rather than being its work.
 *
 * @module
 */

/** Asked every few seconds: neither counted nor logged, except when they fail. */
const QUIET = new Set(['/healthz', '/v1/traces', '/v1/logs']);

/**
 * Whether a path is asked so often that its requests would drown the others. It is answered also
 * when the service is in trouble: its requests take no place from others, are struck by no fault,
 * and say nothing about how the service does its work.
 */
export function isQuiet(path: string): boolean {
  return QUIET.has(path);
}

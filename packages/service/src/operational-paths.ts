/**
 * Paths that tell about a service or steer it, rather than being its work.
 *
 * @module
 */

/** Asked every few seconds: neither counted nor logged, except when they fail. */
const QUIET = new Set(['/metrics', '/healthz', '/readyz', '/v1/traces']);

/** Circuits, and faults set on purpose: requests that a fault holds must not keep it from ending. */
const STEERING = ['/breakers', '/faults'];

/** Whether a path is asked so often that its requests would drown the others. */
export function isQuiet(path: string): boolean {
  return QUIET.has(path);
}

/**
 * Whether a path must be answered above all when the service is in trouble. Its requests take no
 * place from others and say nothing about how the service does its work.
 */
export function isOperational(path: string): boolean {
  return QUIET.has(path) || STEERING.some((at) => path === at || path.startsWith(`${at}/`));
}

/**
 * How an error of a peer reads to this service's own client.
 *
 * @module
 */
import {
  AppError,
  BadGatewayError,
  DeadlineExceededError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  MalformedRequestError,
  originOf,
  RouteNotFoundError,
} from '@breakwater/errors';
import { BulkheadFullError, CircuitIsolatedError, CircuitOpenError } from '@breakwater/resilience';

/** What an operation that calls a peer can end in, for the `errors` of its route. */
export const PEER_ERRORS = [
  BadGatewayError,
  DependencyUnavailableError,
  CircuitOpenError,
  CircuitIsolatedError,
  BulkheadFullError,
  DependencyTimeoutError,
] as const;

/** A peer's answers about how we asked are about this service, not about its client's input. */
const ABOUT_US: ReadonlySet<number> = new Set([401, 403, 405, 408, 413, 415, 429, 431, 499]);
const CODES_ABOUT_US: ReadonlySet<string> = new Set([
  RouteNotFoundError.kind.code,
  MalformedRequestError.kind.code,
]);

/**
 * The error to answer with when a call to `peer` failed. A peer's 4xx about the caller's own input
 * keeps its code. A peer's 5xx becomes 502, 503 or 504 of this service with the peer's name and
 * code in the context, never its message. Errors of this process pass unchanged.
 *
 * @param keep context fields of the peer's error that this service's clients need, such as an id.
 */
export function fromPeer(peer: string, thrown: unknown, keep: readonly string[] = []): unknown {
  if (!(thrown instanceof AppError)) return thrown;
  const origin = originOf(thrown);
  if (!origin) return thrown;
  if (isAboutInput(thrown, origin.status)) return thrown;
  // The deadline is the caller's own, whoever noticed first that it is over.
  if (thrown.code === DeadlineExceededError.kind.code) {
    return new DeadlineExceededError(`The deadline passed while waiting for ${peer}.`, {
      cause: thrown,
      context: { dependency: peer },
    });
  }
  const kept = keep.filter((key) => key in thrown.context).map((key) => [key, thrown.context[key]]);
  const options = {
    cause: thrown,
    context: { dependency_code: thrown.code, ...Object.fromEntries(kept) },
    ...(thrown.retryAfterS === undefined ? {} : { retryAfterS: thrown.retryAfterS }),
  };
  switch (origin.status) {
    case 429:
    case 503:
      return new DependencyUnavailableError(peer, options);
    case 504:
      return new DependencyTimeoutError(peer, { ...options, delivery: 'unknown' });
    default:
      return new BadGatewayError(peer, options);
  }
}

function isAboutInput({ code }: AppError, status: number): boolean {
  return status < 500 && !ABOUT_US.has(status) && !CODES_ABOUT_US.has(code);
}

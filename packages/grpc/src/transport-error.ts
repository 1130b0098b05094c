/**
 * What a failed call says, and whether the peer can have heard of it.
 *
 * @module
 */
import { once } from 'node:events';
import {
  AppError,
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
} from '@breakwater/errors';
import type { AttemptContext } from '@breakwater/resilience';
import { type ServiceError, status as Status } from '@grpc/grpc-js';
import { decodeStatus } from './decode-error.ts';
import { statusName } from './status.ts';

/**
 * How the client's transport words what never reached the peer's handlers: it was not connected, or
 * the peer refused the stream (RFC 9113, section 8.7). It tells that by words only.
 */
const NOT_SENT =
  /^(?:No connection established|Name resolution failed|Failed to start HTTP\/2 stream|Channel closed before|Stream refused by server|The operation was rejected)/;
/** How it words a connection that broke. */
const BROKEN =
  /^(?:Connection dropped|Received RST_STREAM|Call ended without|Write error|read ECONN)/;
/** The timers of an attempt and of its call, in milliseconds. */
const TOLERANCE_MS = 50;

/**
 * The error of a failed call: the peer's own, or that of its transport, in the words of a call over
 * HTTP. Never rejects.
 */
export async function readFailure(
  peer: string,
  failure: ServiceError,
  { signal, deadline }: Pick<AttemptContext, 'signal' | 'deadline'>,
): Promise<AppError> {
  // The attempt was ended from outside, and its signal says why.
  if (signal.aborted && signal.reason instanceof AppError) return signal.reason;
  const decoded = decodeStatus(failure.metadata);
  if (decoded) return decoded;
  const { code, details } = failure;
  if (code === Status.DEADLINE_EXCEEDED) {
    // The attempt ends in this moment too, and knows whose time was up.
    if (deadline.remainingMs() <= TOLERANCE_MS && !signal.aborted) await once(signal, 'abort');
    if (signal.reason instanceof AppError) return signal.reason;
    return new DependencyTimeoutError(peer, { cause: failure, delivery: 'unknown' });
  }
  if (NOT_SENT.test(details)) {
    return new DependencyUnavailableError(peer, { cause: failure, delivery: 'not_sent' });
  }
  if (code === Status.UNAVAILABLE || BROKEN.test(details)) {
    return new DependencyUnavailableError(peer, { cause: failure, delivery: 'unknown' });
  }
  const tooLarge = code === Status.RESOURCE_EXHAUSTED && /^Received message larger/.test(details);
  const context = tooLarge
    ? { reason: 'answer_too_large' }
    : { reason: 'error_off_contract', dependency_status: statusName(code) };
  return new BadGatewayError(peer, { cause: failure, context, delivery: 'unknown' });
}

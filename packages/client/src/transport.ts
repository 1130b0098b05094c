/**
 * One HTTP exchange with a peer: what is sent along, and what each way to fail is called.
 *
 * @module
 */
import {
  AppError,
  BadGatewayError,
  DependencyUnavailableError,
  decodeErrorBody,
  readRetryAfter,
} from '@breakwater/errors';
import {
  type AttemptContext,
  formatDeadline,
  networkError,
  HEADERS as RESILIENCE_HEADERS,
  readRetryHint,
} from '@breakwater/resilience';
import type { z } from 'zod';
import type { Connections, ReceivedResponse } from './connections.ts';

/** One request to a peer, and what its answer must look like. */
export interface PeerRequest<S extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with its query, already encoded; begins with `/`. */
  readonly path: string;
  readonly body?: unknown;
  /** What the answer must look like; an answer without a body is `undefined`. */
  readonly response: S;
  readonly headers?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
}

/** A peer's answer with its status and headers, for those who pass them on. */
export interface PeerAnswer<T> {
  readonly status: number;
  /** By name, in any case; null for one that is not there. */
  readonly headers: ReceivedResponse['headers'];
  readonly body: T;
}

/** The peer at the other end. */
export interface Peer {
  /** As it stands in metrics, logs and `context.dependency`. */
  readonly name: string;
  readonly connections: Connections;
  /** Who asks. */
  readonly userAgent: string;
}

/**
 * Sends the request within the bounds of an attempt and reads the answer whole. The peer is asked
 * for `application/problem+json` and told how long the attempt may take.
 *
 * @throws {AppError} the peer's own error, decoded, when it answered with one of the contract
 * @throws {BadGatewayError} when it answered with anything that is not the contract
 * @throws {DependencyUnavailableError} when it cannot be reached, or the connection broke
 */
export async function exchange<S extends z.ZodType>(
  peer: Peer,
  request: PeerRequest<S>,
  attempt: Pick<AttemptContext, 'signal' | 'deadline'>,
): Promise<PeerAnswer<z.output<S>>> {
  let response: ReceivedResponse;
  try {
    response = await peer.connections.exchange({
      method: request.method,
      path: request.path,
      headers: {
        accept: 'application/problem+json, application/json',
        'user-agent': peer.userAgent,
        [RESILIENCE_HEADERS.deadline]: formatDeadline(attempt.deadline),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.idempotencyKey ? { 'idempotency-key': request.idempotencyKey } : {}),
        ...request.headers,
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: attempt.signal,
    });
  } catch (cause) {
    throw transportError(peer.name, cause, attempt.signal);
  }
  const { status, headers, text } = response;
  if (status >= 400) throw peerError(peer.name, status, headers, text);
  return { status, headers, body: parseAnswer(peer.name, request.response, status, text) };
}

function parseAnswer<S extends z.ZodType>(
  peer: string,
  schema: S,
  status: number,
  text: string,
): z.output<S> {
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw unreadable(peer, 'malformed_answer', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success && status < 300) return parsed.data;
  throw unreadable(peer, 'unexpected_answer', parsed.error);
}

function peerError(
  peer: string,
  status: number,
  headers: ReceivedResponse['headers'],
  text: string,
): AppError {
  const decoded = decodeErrorBody(status, headers, text);
  if (decoded) return readRetryHint(decoded, headers);
  const context = { reason: 'error_off_contract', dependency_status: status };
  const retryAfterS = readRetryAfter(headers);
  // Something between us and the peer may have written it, after the peer did the work.
  return new BadGatewayError(peer, {
    context,
    delivery: 'unknown',
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
}

/** An answer came and nobody can tell what it says: the work may have been done. */
function unreadable(peer: string, reason: string, cause: unknown): BadGatewayError {
  return new BadGatewayError(peer, { cause, context: { reason }, delivery: 'unknown' });
}

function transportError(peer: string, cause: unknown, signal: AbortSignal): AppError {
  // The attempt was ended from outside, and its signal says why.
  if (signal.aborted && signal.reason instanceof AppError) return signal.reason;
  if (cause instanceof RangeError) return unreadable(peer, 'answer_too_large', cause);
  const unavailable = networkError(peer, cause);
  return unavailable ?? new DependencyUnavailableError(peer, { cause, delivery: 'unknown' });
}

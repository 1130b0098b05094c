/**
 * The client a service uses to talk to a peer: context and deadline go along, errors come back
 * typed.
 *
 * @module
 */
import {
  type AppError,
  BadGatewayError,
  DeadlineExceededError,
  type Delivery,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeErrorBody,
  RequestCancelledError,
} from '@breakwater/errors';
import {
  currentScope,
  Deadline,
  formatDeadline,
  HEADERS as RESILIENCE_HEADERS,
} from '@breakwater/resilience';
import type { z } from 'zod';
import { HEADERS } from './names.ts';

export interface ClientOptions {
  /** The peer's name, as it stands in metrics, logs and `context.dependency`. */
  readonly name: string;
  readonly baseUrl: string;
  /** Longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Largest answer that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
}

export interface CallOptions<S extends z.ZodType> {
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
  readonly headers: Headers;
  readonly body: T;
}

/** Talks to one peer. */
export interface Client {
  /**
   * The peer's answer.
   *
   * @throws {AppError} the peer's own error, decoded, when it answered with one of the contract
   * @throws {BadGatewayError} when it answered with anything that is not the contract
   * @throws {DependencyUnavailableError} when it cannot be reached, or the connection broke
   * @throws {DependencyTimeoutError} when it did not answer within `timeoutMs`
   * @throws {DeadlineExceededError} when the caller's deadline ended the wait
   * @throws {RequestCancelledError} when the caller went away
   */
  call<S extends z.ZodType>(options: CallOptions<S>): Promise<z.output<S>>;

  /** {@link Client.call} with the status and the headers of the answer. */
  exchange<S extends z.ZodType>(options: CallOptions<S>): Promise<PeerAnswer<z.output<S>>>;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;

/** Errors of a connection that was never made: the request cannot have had an effect. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Makes a client for one peer. Peers are asked for `application/problem+json`. */
export function createClient(options: ClientOptions): Client {
  return {
    call: async (call) => (await callPeer(options, call)).body,
    exchange: (call) => callPeer(options, call),
  };
}

async function callPeer<S extends z.ZodType>(
  options: ClientOptions,
  call: CallOptions<S>,
): Promise<PeerAnswer<z.output<S>>> {
  const scope = currentScope() ?? {};
  const deadline = Deadline.earliest(scope.deadline, Deadline.after(options.timeoutMs));
  if (!deadline || scope.deadline?.expired) throw deadlineExceeded(options.name);
  const signals = [AbortSignal.timeout(Math.max(1, Math.ceil(deadline.remainingMs())))];
  if (scope.signal) signals.push(scope.signal);

  let status: number;
  let headers: Headers;
  let text: string;
  try {
    const response = await fetch(`${options.baseUrl}${call.path}`, {
      method: call.method,
      headers: {
        accept: 'application/problem+json, application/json',
        [RESILIENCE_HEADERS.deadline]: formatDeadline(deadline),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.idempotencyKey ? { [HEADERS.idempotencyKey]: call.idempotencyKey } : {}),
        ...call.headers,
      },
      redirect: 'manual',
      signal: AbortSignal.any(signals),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    ({ status, headers } = response);
    text = await readBody(response, options.maxBodyBytes ?? DEFAULT_BODY_BYTES);
  } catch (cause) {
    throw transportError(options.name, cause);
  }
  if (status >= 400) throw peerError(options.name, status, headers, text);
  return { status, headers, body: parseAnswer(options.name, call.response, status, text) };
}

async function readBody(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw new RangeError(`the answer is larger than ${limit} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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
    throw new BadGatewayError(peer, {
      cause,
      context: { reason: 'malformed_answer' },
      delivery: 'unknown',
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success && status < 300) return parsed.data;
  throw new BadGatewayError(peer, {
    cause: parsed.error,
    context: { reason: 'unexpected_answer' },
    delivery: 'unknown',
  });
}

function peerError(peer: string, status: number, headers: Headers, text: string): AppError {
  return (
    decodeErrorBody(status, headers, text) ??
    new BadGatewayError(peer, {
      context: { reason: 'error_off_contract', dependency_status: status },
    })
  );
}

function deadlineExceeded(peer: string, cause?: unknown): DeadlineExceededError {
  return new DeadlineExceededError(`The deadline passed while waiting for ${peer}.`, {
    cause,
    context: { dependency: peer },
  });
}

function transportError(peer: string, cause: unknown): AppError {
  const scope = currentScope() ?? {};
  if (scope.signal?.aborted) {
    return new RequestCancelledError('The client closed the connection.', { cause });
  }
  if (scope.deadline?.expired) return deadlineExceeded(peer, cause);
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new DependencyTimeoutError(peer, { cause });
  }
  if (cause instanceof RangeError) {
    return new BadGatewayError(peer, {
      cause,
      context: { reason: 'answer_too_large' },
      delivery: 'unknown',
    });
  }
  const delivery: Delivery = NOT_SENT.has(networkCode(cause)) ? 'not_sent' : 'unknown';
  return new DependencyUnavailableError(peer, { cause, delivery });
}

/** `fetch` hides the socket's error one or two causes deep. */
function networkCode(error: unknown): string {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 4; e = e.cause, depth++) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return '';
}

/**
 * The client a service uses to talk to a peer: every call goes through the peer's policy, context
 * and deadline go along, errors come back typed.
 *
 * @module
 */
import { BadGatewayError } from '@breakwater/errors';
import type {
  Dependency,
  DependencyOptions,
  Describe,
  FallbackStep,
  Resilience,
  Sourced,
} from '@breakwater/resilience';
import type { z } from 'zod';
import { Connections } from './connections.ts';
import { exchange, type Peer, type PeerAnswer, type PeerRequest } from './transport.ts';

export interface ClientOptions {
  /** The peer's name, as it stands in metrics, logs and `context.dependency`. */
  readonly name: string;
  readonly baseUrl: string;
  /** Timeout, retry, breaker, bulkhead; what is left out has the package's defaults. */
  readonly policy?: DependencyOptions;
  /** Where the policy is declared: the dependencies of the service that asks. */
  readonly resilience: Resilience;
  /** Largest answer that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * Who asks, as a product of `User-Agent` (RFC 9110, section 10.1.5), such as `shop/1.2.3`: a peer
   * counts by it who uses what. Default: that of the runtime.
   */
  readonly userAgent?: string;
  /** Whether the fallbacks of a call may stand in for the peer. Default: true. */
  readonly fallbacks?: boolean;
}

/** A request, and what its caller says about it. */
export interface CallOptions<S extends z.ZodType> extends PeerRequest<S> {
  /**
   * Whether a repeat does no harm. Default: true for GET, PUT and DELETE (RFC 9110, section 9.2.2)
   * and for a request with an idempotency key.
   */
  readonly idempotent?: boolean;
}

/** A request that something else may answer when the peer does not. */
export interface SourcedCallOptions<S extends z.ZodType> extends CallOptions<S> {
  /** What answers instead, in order. */
  readonly fallback: readonly FallbackStep<z.output<S>>[];
  /** Under which name the answer is kept for the steps `cache` and `stale`. */
  readonly cacheKey?: string;
}

/** Talks to one peer. */
export interface Client {
  /** The policy behind it. */
  readonly dependency: Dependency;

  /**
   * The body of the peer's answer.
   *
   * @throws {AppError} the peer's own error, decoded, when it answered with one of the contract
   * @throws {BadGatewayError} when it answered with anything that is not the contract
   * @throws {DependencyUnavailableError} when it cannot be reached, the connection broke, its
   *   circuit is open or its bulkhead full
   * @throws {DependencyTimeoutError} when it did not answer in time
   * @throws {DeadlineExceededError} when the caller's deadline ended the wait
   * @throws {RequestCancelledError} when the caller went away
   */
  call<S extends z.ZodType>(request: CallOptions<S>): Promise<z.output<S>>;

  /** {@link Client.call} with the status and the headers of the answer. */
  exchange<S extends z.ZodType>(request: CallOptions<S>): Promise<PeerAnswer<z.output<S>>>;

  /** {@link Client.call} with where the answer came from: the peer, or a step of `fallback`. */
  callWithSource<S extends z.ZodType>(
    request: SourcedCallOptions<S>,
  ): Promise<Sourced<z.output<S>>>;
}

const DEFAULT_BODY_BYTES = 1024 * 1024;
/** What `fetch` of Node.js says. */
const DEFAULT_USER_AGENT = 'node';

/** Nobody of the contract says 429 off it: a limiter in front of the peer did not let us in. */
const describePeer: Describe = (error) =>
  error instanceof BadGatewayError && error.context.dependency_status === 429
    ? 'turned_away'
    : undefined;

const IDEMPOTENT_METHODS = new Set(['GET', 'PUT', 'DELETE']);

/** Makes a client for one peer and declares its policy. */
export function createClient(options: ClientOptions): Client {
  const { name, baseUrl, resilience } = options;
  const { userAgent = DEFAULT_USER_AGENT, maxBodyBytes = DEFAULT_BODY_BYTES } = options;
  const peer: Peer = { name, connections: new Connections(baseUrl, maxBodyBytes), userAgent };
  const policy = { describe: describePeer, ...options.policy };
  const dependency = resilience.dependency(name, policy);
  const ask = <S extends z.ZodType>(request: CallOptions<S>) =>
    dependency.execute((attempt) => exchange(peer, request, attempt), bounds(request));
  return {
    dependency,
    exchange: ask,
    call: async (request) => (await ask(request)).body,
    callWithSource: (request) => {
      const { cacheKey } = request;
      const fallback = options.fallbacks === false ? [] : request.fallback;
      return dependency.executeWithSource(
        async (attempt) => (await exchange(peer, request, attempt)).body,
        { ...bounds(request), fallback, ...(cacheKey === undefined ? {} : { cacheKey }) },
      );
    },
  };
}

function bounds<S extends z.ZodType>(request: CallOptions<S>) {
  const { idempotent, method, idempotencyKey } = request;
  return {
    idempotent: idempotent ?? (IDEMPOTENT_METHODS.has(method) || idempotencyKey !== undefined),
  };
}

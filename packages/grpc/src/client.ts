/**
 * The client a service calls a peer with over gRPC: through the peer's policy, with context and
 * deadline, and errors that come back typed.
 *
 * @module
 */
import { AppError, BadGatewayError } from '@breakwater/errors';
import type {
  AttemptContext,
  Dependency,
  DependencyOptions,
  Describe,
  Resilience,
} from '@breakwater/resilience';
import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { ClientSpan } from './client-span.ts';
import './graceful-goaway.ts';
import { METADATA } from './names.ts';
import { deserialize, pathOf, serialize } from './service-definition.ts';
import { readFailure } from './transport-error.ts';

export interface GrpcClientOptions {
  /** The peer's name, as it stands in metrics, logs and `context.dependency`. */
  readonly name: string;
  /** Where it is, as `http://127.0.0.1:9184`: without TLS. */
  readonly url: string;
  /** Timeout, retry, breaker, bulkhead; what is left out has the package's defaults. */
  readonly policy?: DependencyOptions;
  /** Where the policy is declared: the dependencies of the service that asks. */
  readonly resilience: Resilience;
  /** Largest message that is read, in bytes. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Who asks, as it stands before the transport's own in `user-agent`. Default: nobody says. */
  readonly userAgent?: string;
  /**
   * How long a connection with calls in flight may be silent before it is asked whether it lives,
   * in milliseconds. Default: 10,000.
   */
  readonly keepaliveMs?: number;
}

/** A call, and what its caller says about it. */
export interface GrpcCallOptions<T> {
  /** Whether a repeat does no harm. Default: false, but true with an idempotency key. */
  readonly idempotent?: boolean;
  readonly idempotencyKey?: string;
  readonly requestId?: string;
  /** Makes of the response what the caller wants of it; throws where it is not of the contract. */
  readonly read: (response: never) => T;
}

/** Talks to one peer. */
export interface GrpcClient {
  /** The policy behind it. */
  readonly dependency: Dependency;
  /**
   * What the peer responds with. Fails as a call over HTTP does:
   *
   * @throws {AppError} the peer's own error, decoded, when it responded with one of the contract
   * @throws {BadGatewayError} when it responded with anything that is not the contract
   * @throws {DependencyUnavailableError} when it cannot be reached, the connection broke, its
   *   circuit is open or its bulkhead full
   * @throws {DependencyTimeoutError} when it did not respond in time
   * @throws {DeadlineExceededError} when the caller's deadline ended the wait
   * @throws {RequestCancelledError} when the caller went away
   */
  call<I extends DescMessage, O extends DescMessage, T = MessageShape<O>>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options?: Omit<GrpcCallOptions<T>, 'read'> & {
      readonly read?: (response: MessageShape<O>) => T;
    },
  ): Promise<T>;
  /** Ends its connection. */
  close(): void;
}

const DEFAULT_MESSAGE_BYTES = 1024 * 1024;
const DEFAULT_KEEPALIVE_MS = 10_000;
const KEEPALIVE_PATIENCE_MS = 5_000;
/** A peer that was restarted is found again as soon as a circuit looks for it, in milliseconds. */
const RECONNECT_MS = { initial: 100, max: 1_000 };

/** Nobody of the contract says RESOURCE_EXHAUSTED off it: a limiter in front of the peer did. */
const describePeer: Describe = (error) =>
  error instanceof BadGatewayError && error.context.dependency_status === 'RESOURCE_EXHAUSTED'
    ? 'turned_away'
    : undefined;

/** Makes a client for one peer and declares its policy. */
export function createGrpcClient(options: GrpcClientOptions): GrpcClient {
  const { name, resilience, maxMessageBytes = DEFAULT_MESSAGE_BYTES } = options;
  const { host, hostname, port } = new URL(options.url);
  const client = new Client(host, credentials.createInsecure(), {
    // Every retry is the policy's: one owner, one span an attempt.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    ...(options.userAgent === undefined ? {} : { 'grpc.primary_user_agent': options.userAgent }),
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': options.keepaliveMs ?? DEFAULT_KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_PATIENCE_MS,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.initial,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS.max,
  });
  const peer: Peer = { name, client, address: hostname, port: Number(port) };
  const dependency = resilience.dependency(name, { describe: describePeer, ...options.policy });
  return {
    dependency,
    call(method, request, given = {}) {
      const { idempotencyKey, idempotent = idempotencyKey !== undefined } = given;
      const message = serialize(method.input, request);
      return dependency.execute(
        async (attempt) => {
          const bytes = await exchange(peer, method, message, attempt, given);
          return understand(name, () => {
            const response = deserialize(method.output, bytes);
            return (given.read ? given.read(response) : response) as never;
          });
        },
        { idempotent },
      );
    },
    close: () => client.close(),
  };
}

interface Peer {
  readonly name: string;
  readonly client: Client;
  readonly address: string;
  readonly port: number;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** One attempt: sent with its deadline, cancelled with its signal. @returns the response, unread */
function exchange(
  peer: Peer,
  method: DescMethodUnary,
  message: Buffer,
  attempt: AttemptContext,
  { idempotencyKey, requestId }: Pick<GrpcCallOptions<never>, 'idempotencyKey' | 'requestId'>,
): Promise<Buffer> {
  const path = pathOf(method);
  const metadata = new Metadata();
  if (idempotencyKey !== undefined) metadata.set(METADATA.idempotencyKey, idempotencyKey);
  if (requestId !== undefined) metadata.set(METADATA.requestId, requestId);
  const span = new ClientSpan(path, peer, metadata);
  const { signal } = attempt;
  const deadline = Date.now() + attempt.deadline.remainingMs();
  return new Promise<Buffer>((resolve, reject) => {
    const respond = (failure: ServiceError | null, bytes?: Buffer) => {
      signal.removeEventListener('abort', cancel);
      span.end(failure?.code, signal.aborted ? signal.reason : undefined);
      if (failure) readFailure(peer.name, failure, attempt).then(reject);
      else resolve(bytes as Buffer);
    };
    const call = withoutStack(() =>
      peer.client.makeUnaryRequest(path, asIs, asIs, message, metadata, { deadline }, respond),
    );
    const cancel = () => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
  });
}

/** `@grpc/grpc-js` takes a stack at each call, for errors that are read as others here. */
function withoutStack<T>(begin: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return begin();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A response came and nobody can tell what it says: the work may have been done. */
function understand<T>(peer: string, readResponse: () => T): T {
  try {
    return readResponse();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new BadGatewayError(peer, {
      cause,
      context: { reason: 'unexpected_answer' },
      delivery: 'unknown',
    });
  }
}

/**
 * A gRPC server that keeps the error contract and ends without losing a call.
 *
 * @module
 */
import type {
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import {
  type AppError,
  renderError,
  toAppError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '@breakwater/errors';
import { type Clock, systemClock, TimeoutQueue } from '@breakwater/resilience';
import type { Logger, MetricsRegistry } from '@breakwater/telemetry';
import type {
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import {
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Registry } from 'prom-client';
import { CallRecord } from './call-record.ts';
import { reflectionOf } from './reflection.ts';
import { countErrors, RpcMetrics } from './rpc-metrics.ts';
import { ServerCall, type ServerCallOptions } from './server-call.ts';
import { deserialize, pathOf, serialize, unaryMethods } from './service-definition.ts';

export interface GrpcServerOptions {
  /** The service's name: `domain` of its errors. */
  readonly name: string;
  readonly logger: Logger;
  /** Where metrics go. */
  readonly registry: Registry | MetricsRegistry;
  /** Reads whatever a handler threw. Default: what is no error of the contract is a bug. */
  readonly toAppError?: (thrown: unknown) => AppError;
  /**
   * Counts a response by its error. Default: a counter of this server's own, which a process whose
   * responses over HTTP are counted under the same name cannot have twice.
   */
  readonly recordOutcome?: (route: string, error: AppError | undefined) => void;
  /** Longest time until a response, in milliseconds; `false`: none. Default: 10,000. */
  readonly deadlineMs?: number | false;
  /** Calls in flight beyond which others are refused; `false`: any number. Default: 200. */
  readonly maxInFlight?: number | false;
  /** Largest message that is read, in bytes. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Whether clients may ask which services there are (`grpc.reflection`). Default: true. */
  readonly reflection?: boolean;
  readonly clock?: Clock;
}

/** The call a handler works for. */
export interface CallInfo {
  readonly traceId: string;
  readonly requestId: string;
  /** Who asks, as it says of itself; empty where it says nothing. */
  readonly userAgent: string;
  /** Aborts when nobody waits for the response any more. */
  readonly signal: AbortSignal;
  /** Adds to the metadata that comes with the status. */
  setTrailer(key: string, value: string): void;
}

/** What responds to the methods of a service: each takes a message, and gives one or throws. */
export type Handlers<S extends DescService> = {
  readonly [M in keyof S['method']]: S['method'][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, call: CallInfo) => Promise<MessageInitShape<O>>
    : never;
};

const DEFAULT_MESSAGE_BYTES = 1024 * 1024;
/** Asked for by machines, every few seconds. */
const QUIET = /^\/grpc\.(health|reflection)\./;

/** What is used of the server beyond its documented interface; its tests fail where that changes. */
interface Internals {
  readonly http2Servers: Map<Http2Server, { readonly sessions: Set<ServerHttp2Session> }>;
  _retrieveHandler(path: string): unknown;
  _verifyContentType(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
}

/** A message that could not be read. */
class Malformed {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/**
 * Serves gRPC services by the contract: whatever a handler throws, and whatever a client does wrong,
 * is one status with ErrorInfo, one line, one count and one span.
 *
 * @example
 * const server = new GrpcServer({ name: 'todo', logger, registry });
 * server.add(TodoService, { getTodo: async ({ id }) => ({ todo: await todos.get(id) }) });
 * const port = await server.listen({ host: '127.0.0.1', port: 9090 });
 */
export class GrpcServer {
  readonly #server: Server;
  readonly #shared: ServerCallOptions;
  readonly #calls = new WeakMap<Metadata, ServerCall>();
  readonly #services: DescService[] = [];
  readonly #paths = new Set<string>();
  readonly #health = new HealthImplementation();
  readonly #reflection: boolean;

  constructor(options: GrpcServerOptions) {
    const { maxInFlight = 200, deadlineMs = 10_000, clock = systemClock } = options;
    const registry = options.registry as MetricsRegistry;
    this.#shared = {
      serviceName: options.name,
      logger: options.logger,
      metrics: new RpcMetrics(registry, maxInFlight),
      recordOutcome: options.recordOutcome ?? countErrors(registry),
      toAppError: options.toAppError ?? ((thrown) => toAppError(thrown)),
      ...{ deadlineMs, maxInFlight, clock },
      timeouts: new TimeoutQueue(clock),
    };
    this.#reflection = options.reflection ?? true;
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxMessageBytes ?? DEFAULT_MESSAGE_BYTES,
      'grpc.enable_channelz': 0,
      // No pings from here: one that fails while connections are drained would end their calls.
      interceptors: [this.#intercept],
    });
    this.#answerEverything();
  }

  /** Adds a service; before {@link listen}. */
  add<S extends DescService>(service: S, handlers: Handlers<S>): void {
    this.#services.push(service);
    for (const method of unaryMethods(service)) {
      const path = pathOf(method);
      const handler = handlers[method.localName] as (
        request: unknown,
        call: CallInfo,
      ) => Promise<MessageInitShape<DescMethodUnary['output']>>;
      this.#paths.add(path);
      this.#server.register(
        path,
        this.#handle(handler),
        (message) => serialize(method.output, message as MessageInitShape<typeof method.output>),
        (bytes) => read(method, bytes),
        'unary',
      );
    }
  }

  /**
   * Listens, and says in the health service that it serves.
   *
   * @returns the port, for one that the system chooses
   * @throws Error when it cannot be bound
   */
  async listen({ host, port }: { host: string; port: number }): Promise<number> {
    this.#health.addToServer(this.#server);
    if (this.#reflection) (await reflectionOf(this.#services)).addToServer(this.#server);
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const bound = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, chosen) =>
        error ? reject(error) : resolve(chosen),
      );
    });
    this.#setServing('SERVING');
    return bound;
  }

  /** Says in the health service that the next calls go elsewhere; they are responded to as before. */
  drain(): void {
    this.#setServing('NOT_SERVING');
  }

  /**
   * Takes no new connection, and ends when every call that has arrived is responded to. Clients are
   * told which was the last: what they have sent after it was certainly not made, and fails so.
   */
  async close(): Promise<void> {
    this.drain();
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
  }

  /** Ends at once; calls in flight are lost. */
  destroy(): void {
    for (const session of this.#sessions()) session.destroy();
    this.#server.forceShutdown();
  }

  get #internals(): Internals {
    return this.#server as unknown as Internals;
  }

  #sessions(): ServerHttp2Session[] {
    return [...this.#internals.http2Servers.values()].flatMap(({ sessions }) => [...sessions]);
  }

  #setServing(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of ['', ...this.#services.map(({ typeName }) => typeName)]) {
      this.#health.setStatus(name, status);
    }
  }

  readonly #intercept: ServerInterceptor = ({ path }, call) => {
    if (QUIET.test(path)) return new ServerInterceptingCall(call);
    const made = new ServerCall(this.#shared, path, this.#paths.has(path), call);
    return new ServerInterceptingCall(call, {
      start: (next) => next(made.listener((metadata) => this.#calls.set(metadata, made))),
    });
  };

  #handle(handler: (request: unknown, call: CallInfo) => Promise<unknown>): UntypedHandleCall {
    const handle = (
      { metadata, request }: { metadata: Metadata; request: unknown },
      callback: (error: null, value: unknown) => void,
    ) => {
      const call = this.#calls.get(metadata);
      if (!call) throw new Error('a call without a record');
      if (request instanceof Malformed) {
        const message = 'The message is not what the method takes.';
        call.fail(new ValidationError(message, [], { cause: request.cause }));
        return;
      }
      void call.run(
        () => handler(request, call),
        (value) => callback(null, value),
      );
    };
    return handle as UntypedHandleCall;
  }

  /** `@grpc/grpc-js` refuses unknown methods and foreign content by itself, where nobody hears of it. */
  #answerEverything(): void {
    const internals = this.#internals;
    const retrieve = internals._retrieveHandler.bind(internals);
    internals._retrieveHandler = (path) =>
      retrieve(path) ?? {
        ...{ path, type: 'unary', func: () => undefined },
        serialize: (value: unknown) => value,
        deserialize: (value: unknown) => value,
      };
    internals._verifyContentType = (stream, headers) => {
      if (String(headers['content-type']).startsWith('application/grpc')) return true;
      this.#refuseContent(stream, String(headers[':path'] ?? '/'));
      return false;
    };
  }

  #refuseContent(stream: ServerHttp2Stream, path: string): void {
    const error = new UnsupportedMediaTypeError('Send application/grpc.');
    const call = new CallRecord(this.#shared, path, false, new Metadata());
    call.finish(error);
    const { status, headers, body } = renderError('problem', { error, path, ...idsOf(call) });
    stream.respond({ ':status': status, ...headers, 'x-trace-id': call.traceId });
    stream.end(body);
  }
}

function idsOf({ traceId, requestId, serviceName }: CallRecord) {
  return { traceId, requestId, serviceName };
}

function read(method: DescMethodUnary, bytes: Buffer): unknown {
  try {
    return deserialize(method.input, bytes);
  } catch (cause) {
    return new Malformed(cause);
  }
}

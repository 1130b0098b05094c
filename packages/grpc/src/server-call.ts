/**
 * One call at a server: who it is, how long it may take, and the one status it ends in.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type AppError,
  CallerDeadlineError,
  DeadlineExceededError,
  InternalError,
  MalformedRequestError,
  OverloadedError,
  PayloadTooLargeError,
  RequestCancelledError,
  RouteNotFoundError,
} from '@breakwater/errors';
import {
  type Clock,
  Deadline,
  type RequestScope,
  runInScope,
  type Timed,
  type TimeoutQueue,
} from '@breakwater/resilience';
import { exceptionFields } from '@breakwater/telemetry';
import {
  Metadata,
  type ServerInterceptingCall,
  type ServerListener,
  status as Status,
} from '@grpc/grpc-js';
import { context } from '@opentelemetry/api';
import { CallRecord, type Observers } from './call-record.ts';
import { encodeError } from './encode-error.ts';
import { firstText } from './metadata.ts';
import { METADATA } from './names.ts';

/** What all calls at a server share. */
export interface ServerCallOptions extends Observers {
  readonly toAppError: (thrown: unknown) => AppError;
  readonly deadlineMs: number | false;
  readonly maxInFlight: number | false;
  readonly clock: Clock;
  readonly timeouts: TimeoutQueue;
}

/** The part of a call that every interceptor is given. */
export type GrpcCall = Pick<ServerInterceptingCall, 'sendStatus' | 'getDeadline'>;

/** What `sendStatus` takes. */
type SentStatus = Parameters<GrpcCall['sendStatus']>[0];

/** Timers of two processes, and their rounding, in milliseconds. */
const TOLERANCE_MS = 5;
/** When a refused client may come again, in seconds. */
const RETRY_AFTER_S = 1;

/**
 * The bounds of a call for everything below it. Every status passes through here, also those that
 * `@grpc/grpc-js` makes by itself (too large, malformed, out of time), so that each call ends in
 * one error of the contract, one line and one count.
 */
export class ServerCall implements RequestScope, Timed {
  /** When the service's own time for it is over, on the clock's scale. */
  dueAt = Infinity;
  #deadline: Deadline | undefined;
  readonly #shared: ServerCallOptions;
  readonly #call: GrpcCall;
  readonly #path: string;
  readonly #known: boolean;
  readonly #send: (status: SentStatus) => void;
  #record: CallRecord | undefined;
  #controller: AbortController | undefined;
  #inContext: ReturnType<typeof AsyncLocalStorage.snapshot> | undefined;
  #boundByCaller = false;
  #userAgent = '';
  readonly #trailers = new Metadata();
  #began = false;
  #interruption: AppError | undefined;
  #finished = false;

  constructor(shared: ServerCallOptions, path: string, known: boolean, call: GrpcCall) {
    this.#shared = shared;
    this.#path = path;
    this.#known = known;
    this.#call = call;
    this.#send = call.sendStatus.bind(call);
    call.sendStatus = (status) => this.#end(status);
  }

  get deadline(): Deadline | undefined {
    return this.#deadline;
  }

  /** Aborts when the client goes away, and when the call is out of time. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      this.#inContext = AsyncLocalStorage.snapshot();
      if (this.#interruption) this.#controller.abort(this.#interruption);
    }
    return this.#controller.signal;
  }

  get traceId(): string {
    return this.#record?.traceId ?? '';
  }

  get requestId(): string {
    return this.#record?.requestId ?? '';
  }

  get userAgent(): string {
    return this.#userAgent;
  }

  setTrailer(key: string, value: string): void {
    this.#trailers.set(key, value);
  }

  /** What hears of the call before its handler does. */
  listener(onAdmitted: (metadata: Metadata) => void): ServerListener {
    return {
      onReceiveMetadata: (metadata, next) => {
        this.#record = new CallRecord(this.#shared, this.#path, this.#known, metadata);
        this.#userAgent = firstText(metadata, 'user-agent') ?? '';
        const refusal = this.#admit();
        if (refusal) {
          this.fail(refusal);
          return;
        }
        onAdmitted(metadata);
        next(metadata);
      },
      onCancel: () => this.#cancelled(),
    };
  }

  /** Runs the handler within the bounds of the call. */
  async run<T>(work: () => Promise<T>, respond: (value: T) => void): Promise<void> {
    const record = this.#record;
    if (this.#finished || !record) return;
    this.#began = true;
    try {
      const value = await context.with(record.context, () => runInScope(this, work));
      if (!this.#finished) respond(value);
    } catch (thrown) {
      const error = this.#shared.toAppError(thrown);
      if (!this.#finished) {
        const isCallers = error instanceof DeadlineExceededError && this.#boundByCaller;
        this.fail(isCallers ? new CallerDeadlineError(error) : error);
      } else if (error instanceof InternalError) {
        // A bug that shows only when it is late is one all the same.
        const message = `${record.method}: the handler failed after its call had ended`;
        this.#shared.logger.warn(message, { ...record.fields, ...exceptionFields(error) });
      }
    }
  }

  /** Ends the call with an error; what comes after that changes nothing. */
  fail(error: AppError): void {
    if (this.#finished || !this.#record) return;
    const { code, details, metadata } = encodeError(error, this.#record);
    this.#finish(error);
    this.#identify(metadata);
    this.#send({ code, details, metadata });
  }

  /** Why the call is not let in; undefined when it is. */
  #admit(): AppError | undefined {
    if (!this.#known) return new RouteNotFoundError('No service here has this method.');
    const { maxInFlight, metrics, deadlineMs, clock, timeouts } = this.#shared;
    if (maxInFlight !== false && metrics.active > maxInFlight) {
      return new OverloadedError('The service has as many calls in flight as it can serve.', {
        internal: { limit: maxInFlight, delivery: 'not_sent' },
        retryAfterS: RETRY_AFTER_S,
      });
    }
    const callersMs = this.#remainingMs();
    const callers = callersMs === Infinity ? undefined : Deadline.after(callersMs, clock);
    const own = deadlineMs === false ? undefined : Deadline.after(deadlineMs, clock);
    this.#deadline = Deadline.earliest(own, callers);
    this.#boundByCaller = callers !== undefined && this.#deadline === callers;
    // The caller's is watched by the transport.
    if (own && deadlineMs !== false && !this.#boundByCaller) {
      this.dueAt = own.at;
      timeouts.add(this, deadlineMs);
    }
    return undefined;
  }

  #remainingMs(): number {
    const deadline = this.#call.getDeadline();
    return Number(deadline) - Date.now();
  }

  /** Ends the call: the service's own time for it is over. */
  onTimeout(): void {
    const error = new DeadlineExceededError('The call was not responded to in time.');
    this.#interrupt(error);
    this.fail(error);
  }

  /** The client cancelled, or the stream broke; also called after every status. */
  #cancelled(): void {
    if (this.#finished || !this.#record) return;
    const late = this.#boundByCaller && this.#remainingMs() <= TOLERANCE_MS;
    const error = late
      ? new CallerDeadlineError(new DeadlineExceededError('The call was not responded to in time.'))
      : new RequestCancelledError('The client cancelled the call.');
    this.#interrupt(error);
    this.#finish(error);
  }

  #interrupt(error: AppError): void {
    this.#interruption = error;
    const controller = this.#controller;
    if (controller) this.#inContext?.(() => controller.abort(error));
  }

  /** Ends the call with a status that somebody else made. */
  #end(status: SentStatus): void {
    if (this.#finished || !this.#record) return;
    if (status.code !== Status.OK) {
      const error = this.#read(status);
      this.#interrupt(error);
      this.fail(error);
      return;
    }
    this.#finish(undefined);
    const metadata = status.metadata?.clone() ?? new Metadata();
    this.#identify(metadata);
    this.#send({ ...status, metadata });
  }

  /** What a status means that the transport made: nothing else sends one without an error. */
  #read({ code, details }: SentStatus): AppError {
    if (code === Status.DEADLINE_EXCEEDED) {
      return new CallerDeadlineError(
        new DeadlineExceededError('The call was not responded to in time.'),
      );
    }
    if (this.#began) return new InternalError(new Error(details));
    if (code === Status.RESOURCE_EXHAUSTED) {
      return new PayloadTooLargeError('The message is larger than the service reads.');
    }
    return new MalformedRequestError('The call is not as gRPC wants it.', {
      internal: { details },
    });
  }

  #finish(error: AppError | undefined): void {
    this.#finished = true;
    this.#shared.timeouts.delete(this);
    this.#record?.finish(error);
  }

  #identify(metadata: Metadata): void {
    metadata.merge(this.#trailers);
    metadata.set(METADATA.traceId, this.traceId);
    metadata.set(METADATA.requestId, this.requestId);
  }
}

/**
 * What bounds one request: its deadline, its client's patience, its place among those in flight.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type AppError,
  DeadlineExceededError,
  RequestCancelledError,
  RequestTimeoutError,
} from '@breakwater/errors';
import type { Clock, Deadline, RequestScope, Timed, Timer } from '@breakwater/resilience';
import type { Places } from './limit-in-flight.ts';
import { type RequestRecord, recordOfRaw } from './request-record.ts';
import { shieldResponse } from './shield-response.ts';

/**
 * How long after its deadline a request is cut, in milliseconds. What has noticed by itself that
 * the time is over can say what it was waiting for, and should be heard.
 */
export const GRACE_MS = 10;

/** Told of handlers that go on after their request was cut. */
export interface AbandonedWork {
  began(): void;
  /** The handler has ended after all; `failure` is what it threw, if it did. */
  ended(record: RequestRecord, failure: unknown): void;
}

/** A part of the work that is waited for. */
interface Part {
  /** 1 for the outermost. */
  readonly depth: number;
  readonly cut: (error: AppError) => void;
  isCut: boolean;
  /** Whether somebody still worked on it when it was cut. */
  works: boolean;
}

/** Whoever asks the request itself for its signal is to hear of the deadline too. */
const SIGNAL: PropertyDescriptor & ThisType<Request> = {
  configurable: true,
  get() {
    return recordOfRaw(this)?.bounds?.signal;
  },
};

/**
 * The bounds of a request, for everything below it and for whoever responds to it. At the deadline
 * it is cut: {@link run} rejects, the signal aborts, the place is free. What the handler does from
 * then on changes nothing any more.
 */
export class RequestBounds implements RequestScope, Timed {
  /** When it is cut, on the clock's scale. */
  readonly dueAt: number;
  /** What cuts it, where that is sooner than for other requests. */
  timer: Timer | undefined;
  /** Why the request was cut. */
  interruption: AppError | undefined;
  readonly #record: RequestRecord;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #abandoned: AbandonedWork;
  #deadline: Deadline | undefined;
  #places: Places | undefined;
  #hasPlace = false;
  #depth = 0;
  #waiting: Set<Part> | undefined;
  #respond: ((response: Response) => void) | undefined;
  #controller: AbortController | undefined;
  #inContext: ReturnType<typeof AsyncLocalStorage.snapshot> | undefined;
  #readingSince: number | undefined;
  #bodyMs = 0;
  #failure: unknown;

  constructor(record: RequestRecord, deadline: Deadline, clock: Clock, abandoned: AbandonedWork) {
    this.#record = record;
    this.#deadline = deadline;
    this.#clock = clock;
    this.#abandoned = abandoned;
    this.#startedAt = clock.now();
    this.dueAt = deadline.at + GRACE_MS;
    Object.defineProperty(record.received.raw, 'signal', SIGNAL);
  }

  get #parts(): Set<Part> {
    this.#waiting ??= new Set();
    return this.#waiting;
  }

  get deadline(): Deadline | undefined {
    return this.#deadline;
  }

  /** Aborts when the client goes away, and when the request is cut. Made when it is asked for. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    // What listens belongs to the request, not to a timer or a socket.
    this.#inContext = AsyncLocalStorage.snapshot();
    const connection = this.#connection;
    const reason = this.interruption ?? (connection.aborted ? connection.reason : undefined);
    if (reason !== undefined) controller.abort(reason);
    else connection.addEventListener('abort', () => this.#abort(connection.reason), { once: true });
    return controller.signal;
  }

  /** Whether the client closed the connection before it had its response. */
  get clientGone(): boolean {
    return this.#connection?.aborted === true;
  }

  /** Takes a place, until the request ends. @throws {OverloadedError} when all are taken */
  enter(places: Places): void {
    places.take();
    this.#places = places;
    this.#hasPlace = true;
  }

  /**
   * Runs the work of the request, or a part of it, until it ends or the request is cut. Parts may
   * be nested: the cut is made at the innermost, so that what is around it can add its headers.
   * What is done at once cannot be cut.
   *
   * @throws {AppError} the interruption, when the request is cut
   */
  run<T>(work: () => T | Promise<T>): T | Promise<T> {
    const depth = ++this.#depth;
    let result: T | Promise<T>;
    try {
      result = work();
    } catch (error) {
      this.#depth = depth - 1;
      throw error;
    }
    if (result instanceof Promise) return this.#untilCut(result, depth);
    this.#depth = depth - 1;
    return result;
  }

  /**
   * Apart from {@link run}: a closure in there would be made for what is done at once as well, and
   * one that is kept in a field makes the engine take requests for long-lived (14 MB of each 40
   * outlived a collection under load, which then took 30 ms in place of 2).
   */
  #untilCut<T>(work: Promise<T>, depth: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const part: Part = { depth, cut: reject, isCut: false, works: false };
      const end = (settle: () => void) => {
        this.#parts.delete(part);
        this.#depth = depth - 1;
        if (!part.isCut) settle();
        else if (part.works) this.#abandoned.ended(this.#record, this.#failure);
      };
      this.#parts.add(part);
      work.then(
        (value) => {
          if (part.isCut) this.#dropLate(value);
          end(() => resolve(value));
        },
        (error) => {
          this.failedLate(error);
          end(() => reject(error));
        },
      );
    });
  }

  /** Nobody works on a request whose body is still awaited. */
  #cutInnermost(error: AppError): void {
    let innermost: Part | undefined;
    for (const part of this.#parts) {
      if (!innermost || part.depth > innermost.depth) innermost = part;
    }
    if (!innermost) return;
    innermost.isCut = true;
    innermost.works = this.#readingSince === undefined;
    if (innermost.works) this.#abandoned.began();
    innermost.cut(error);
  }

  /** The response is ready. One that is a stream has no deadline from now on. */
  finish(streams: boolean): void {
    this.timer?.cancel();
    if (streams) this.#deadline = undefined;
    this.#leave();
  }

  /** Cuts the request: its time is over. */
  onTimeout(): void {
    const error = this.#verdict();
    this.interruption = error;
    this.#leave();
    const { context } = this.#record;
    if (context) this.#respond = shieldResponse(context);
    this.#cutInnermost(error);
    this.#abort(error);
  }

  /** Whether an error is the one to respond with to a request that was cut: the first time only. */
  isDue(thrown: unknown): boolean {
    return thrown === this.interruption && this.#respond !== undefined;
  }

  /** Gives a request that was cut its only response. */
  respond(response: Response): void {
    this.#respond?.(response);
    this.#respond = undefined;
  }

  /** Notes what was thrown when the request had been cut already. */
  failedLate(thrown: unknown): void {
    if (this.interruption !== undefined && thrown !== this.interruption) this.#failure = thrown;
  }

  /**
   * Reads from the body. Meanwhile the request holds no place: it is the client who works, and many
   * slow ones must not keep others out.
   *
   * @throws {OverloadedError} when all places are taken once it has been read
   * @throws {AppError} the interruption, when the request was cut meanwhile
   */
  async readBody<T>(read: () => Promise<T>): Promise<T> {
    if (this.#readingSince !== undefined) return read();
    const since = this.#clock.now();
    this.#readingSince = since;
    const places = this.#hasPlace ? this.#places : undefined;
    this.#leave();
    let value: T;
    try {
      value = await read();
    } finally {
      this.#readingSince = undefined;
      this.#bodyMs += this.#clock.now() - since;
    }
    if (this.interruption) throw this.interruption;
    if (places) this.enter(places);
    return value;
  }

  /** The connection's own, which aborts when the client goes away. */
  get #connection(): AbortSignal {
    const { raw } = this.#record.received;
    return Reflect.get(Object.getPrototypeOf(raw), 'signal', raw);
  }

  /** Who used the time up: a client that left, one that sent slowly, or the service. */
  #verdict(): AppError {
    if (this.clientGone) return new RequestCancelledError('The client closed the connection.');
    const now = this.#clock.now();
    const bodyMs = this.#bodyMs + now - (this.#readingSince ?? now);
    return bodyMs > (now - this.#startedAt) / 2
      ? new RequestTimeoutError('The request did not arrive in time.')
      : new DeadlineExceededError('The request was not answered in time.');
  }

  /** Ends a response that nobody will read; its shield knows which one that is. */
  #dropLate(value: unknown): void {
    const { context } = this.#record;
    if (context && value instanceof Response) context.res = value;
  }

  #leave(): void {
    if (this.#hasPlace) this.#places?.give();
    this.#hasPlace = false;
  }

  #abort(reason: unknown): void {
    const controller = this.#controller;
    if (controller) this.#inContext?.(() => controller.abort(reason));
  }
}

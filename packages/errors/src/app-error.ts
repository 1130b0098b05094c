/**
 * The root of every error a service answers with.
 *
 * @module
 */
import { defineKind, type ErrorKind } from './kind.ts';
import { boundRetryAfter } from './retry-after.ts';

/** JSON values a client may see beside an error. */
export type ErrorContext = Readonly<Record<string, unknown>>;

export interface AppErrorOptions {
  /** Public: reaches the client. Ids and limits the client needs, never internals. */
  readonly context?: ErrorContext;
  /** Private: reaches the log only. */
  readonly internal?: ErrorContext;
  /** The error below this one. Logged, never sent. */
  readonly cause?: unknown;
  /**
   * When a retry is worthwhile, in seconds, at most a day; a negative one counts as left out. Sent
   * as `Retry-After` on a retryable error.
   */
  readonly retryAfterS?: number;
  /** Overrides the class's kind, for families whose code depends on a noun. */
  readonly kind?: ErrorKind;
}

const ROOT: ErrorKind = {
  name: 'InternalServerError',
  code: 'INTERNAL_ERROR',
  status: 500,
  type: 'technical',
  retryable: false,
  logLevel: 'error',
  alerts: true,
  meaning: 'The service has a bug: something happened that its code does not handle.',
  client: 'Report the trace_id. Repeating the request will most likely fail again.',
  operator: 'Follow the trace_id to the error line: it holds the stack.',
};

/**
 * An error with a place in the catalogue. `message` and `context` are public; whatever must not
 * leave the service belongs in `cause` or `internal`.
 *
 * Adding a kind of error is one class: extend the closest member of the family and give it a
 * static `kind`. Nothing else needs to know it.
 */
export class AppError extends Error {
  static readonly kind: ErrorKind = defineKind(ROOT, ROOT);

  readonly kind: ErrorKind;
  readonly context: ErrorContext;
  readonly internal: ErrorContext;
  readonly retryAfterS: number | undefined;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? new.target.kind;
    this.context = options.context ?? {};
    this.internal = options.internal ?? {};
    this.retryAfterS = boundRetryAfter(options.retryAfterS);
  }

  /** The name that its kind declares, or else its class's own: see {@link ErrorKind.name}. */
  override get name(): string {
    return this.kind.name ?? this.constructor.name;
  }

  /** Lets a library name the error anew, as every Error does. */
  override set name(name: string) {
    Object.defineProperty(this, 'name', { value: name, writable: true, configurable: true });
  }

  get code(): string {
    return this.kind.code;
  }

  get status(): number {
    return this.kind.status;
  }

  get retryable(): boolean {
    return this.kind.retryable;
  }
}

/** A bug, or an error nobody mapped: 500. The original is its `cause`. */
export class InternalError extends AppError {
  constructor(cause: unknown, options: AppErrorOptions = {}) {
    super('Something went wrong on our side.', { ...options, cause });
  }
}

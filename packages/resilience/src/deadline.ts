/**
 * The time a caller allows, and how it travels.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A monotonic clock, in milliseconds. */
export type MonotonicClock = () => number;

const processClock: MonotonicClock = () => performance.now();

/** A point on a monotonic clock after which nobody waits for the answer any more. */
export class Deadline {
  readonly #at: number;
  readonly #now: MonotonicClock;

  private constructor(at: number, now: MonotonicClock) {
    this.#at = at;
    this.#now = now;
  }

  /** The deadline `ms` milliseconds from now. */
  static after(ms: number, now: MonotonicClock = processClock): Deadline {
    return new Deadline(now() + ms, now);
  }

  /** The earlier of two; undefined stands for "never". */
  static earliest(a: Deadline | undefined, b: Deadline | undefined): Deadline | undefined {
    if (!a || !b) return a ?? b;
    return a.#at <= b.#at ? a : b;
  }

  /** Milliseconds left; 0 once it has passed. */
  remainingMs(): number {
    return Math.max(0, this.#at - this.#now());
  }

  get expired(): boolean {
    return this.remainingMs() <= 0;
  }
}

/**
 * The header a deadline travels in: the milliseconds left when the request is sent. Relative, as
 * gRPC's `grpc-timeout`, so that clocks of two machines need not agree; it shrinks at each hop by
 * what the hop has used.
 */
export const DEADLINE_HEADER = 'x-deadline-ms';

/** No service waits longer than this, whatever a client asks for; in milliseconds. */
export const MAX_DEADLINE_MS = 60_000;

/** The header's value for a deadline; at least 1, since 0 would mean "already over". */
export function formatDeadline(deadline: Deadline): string {
  return String(Math.max(1, Math.floor(deadline.remainingMs())));
}

/** The deadline a header states; undefined when it is absent or malformed. */
export function parseDeadline(
  header: string | null | undefined,
  now: MonotonicClock = processClock,
): Deadline | undefined {
  if (!header || !/^\d{1,9}$/.test(header)) return undefined;
  return Deadline.after(Math.min(Number(header), MAX_DEADLINE_MS), now);
}

/** What bounds the work for one request. */
export interface RequestScope {
  readonly deadline?: Deadline | undefined;
  /** Aborts when the caller went away. */
  readonly signal?: AbortSignal | undefined;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Runs `work` within a scope; everything it awaits sees the scope as {@link currentScope}. */
export function withScope<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** The scope of the request being served; empty outside one. */
export function currentScope(): RequestScope {
  return scopes.getStore() ?? {};
}

/**
 * The time a caller allows, and how it travels.
 *
 * @module
 */
import { type Clock, systemClock } from './clock.ts';

/**
 * A point on a monotonic clock after which nobody waits for the answer any more. It never moves:
 * each retry and each hop has less left of it than the one before.
 *
 * @example
 * const deadline = Deadline.after(2_000);
 * await search.execute(({ signal }) => fetch(url, { signal }), { deadline });
 */
export class Deadline {
  /** Milliseconds on the clock's scale. */
  readonly at: number;
  readonly #clock: Clock;

  constructor(at: number, clock: Clock = systemClock) {
    this.at = at;
    this.#clock = clock;
  }

  /** The deadline `ms` milliseconds from now; a negative `ms` has passed already. */
  static after(ms: number, clock: Clock = systemClock): Deadline {
    return new Deadline(clock.now() + ms, clock);
  }

  /** The earlier of two; undefined stands for "never". */
  static earliest(a: Deadline | undefined, b: Deadline | undefined): Deadline | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return a.remainingMs() <= b.remainingMs() ? a : b;
  }

  /** Milliseconds left; 0 once it has passed. */
  remainingMs(): number {
    return Math.max(0, this.at - this.#clock.now());
  }

  get expired(): boolean {
    return this.remainingMs() === 0;
  }
}

/** No service waits longer than this, whatever a client asks for; in milliseconds. */
export const MAX_DEADLINE_MS = 60_000;

const WHOLE_MILLISECONDS = /^\d{1,9}$/;

/** The header's value for a deadline; at least 1, since 0 would mean "already over". */
export function formatDeadline(deadline: Deadline): string {
  return String(Math.max(1, Math.floor(deadline.remainingMs())));
}

/**
 * The deadline a header states. Undefined when it is absent or malformed: a client's mistake there
 * must not fail its request.
 */
export function parseDeadline(
  header: string | null | undefined,
  clock: Clock = systemClock,
): Deadline | undefined {
  if (!header || !WHOLE_MILLISECONDS.test(header)) return undefined;
  return Deadline.after(Math.min(Number(header), MAX_DEADLINE_MS), clock);
}

/**
 * Which response was given inside another, where no spans say so.
 *
 * @module
 */

/** A response as far as it can be placed. */
export interface Placed {
  readonly service: string;
  /** Unix time, in milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** The span that caused it; `null` when all above it is known, undefined when nothing is. */
  readonly parentId?: string | null | undefined;
}

/** Clocks of two processes on one machine, and the rounding of durations, in milliseconds. */
const TOLERANCE_MS = 5;
/** Beyond this each is compared with none: a page or a terminal shows few of them anyway. */
const MAX_COMPARED = 3_000;

/**
 * The responses that were given inside no other: one of another service that lasted longer, and
 * began before and ended after it. Two of one service are two requests, as are two that the same
 * span caused.
 */
export function outermostOf<T extends Placed>(responses: readonly T[]): T[] {
  if (responses.length > MAX_COMPARED) return [...responses];
  return responses.filter((inner) => !responses.some((outer) => isInside(inner, outer)));
}

function isInside(inner: Placed, outer: Placed): boolean {
  if (inner === outer || inner.service === outer.service || inner.parentId === null) return false;
  const siblings = inner.parentId !== undefined && inner.parentId === outer.parentId;
  return (
    !siblings &&
    outer.startMs - TOLERANCE_MS <= inner.startMs &&
    inner.endMs <= outer.endMs + TOLERANCE_MS &&
    inner.endMs - inner.startMs < outer.endMs - outer.startMs
  );
}

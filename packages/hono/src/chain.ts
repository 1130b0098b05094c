/**
 * Steps of the request path, one inside the other.
 *
 * @module
 */
import type { MiddlewareHandler } from 'hono';

/** A part of the path; what it does around `next` is done around all that follows. */
export type Step = MiddlewareHandler;

/** Makes one step of several, the first one outermost. */
export function chain(steps: readonly Step[]): Step {
  return steps.reduceRight<Step>(
    (inner, step) => (c, next) => step(c, () => inner(c, next) as Promise<void>),
    (_, next) => next(),
  );
}

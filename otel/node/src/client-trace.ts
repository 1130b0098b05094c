/**
 * What the edge makes of a client's trace.
 *
 * @module
 */

/**
 * - `continue` takes the client's trace id on.
 * - `link` starts a new trace and links the client's, for an edge that does not trust its clients'
 *   ids.
 * - `peer` is no edge: those who ask are services of our own, and all that W3C Trace Context says
 *   is believed.
 */
export type ClientTrace = 'continue' | 'link' | 'peer';

/** Requests of one client trace that an edge continues. A page, or a test, has fewer. */
export const MAX_CONTINUED = 100;
/** Client traces that are remembered; of more, the oldest are forgotten. */
const MAX_TRACES = 10_000;

/**
 * Bounds how many requests a client can put into one trace. Beyond that each has a trace of its own
 * that links the client's: a trace of thousands of requests can be read by nobody, and by the
 * decision of a tail sampler on its first ones all others would be lost.
 */
export class ContinuedTraces {
  readonly #counts = new Map<string, number>();

  /** Counts one more request; whether it may continue the trace. */
  take(traceId: string): boolean {
    const count = this.#counts.get(traceId) ?? 0;
    if (count >= MAX_CONTINUED) return false;
    if (count === 0 && this.#counts.size >= MAX_TRACES) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    this.#counts.set(traceId, count + 1);
    return true;
  }
}

/**
 * Whom a service believes: its peers, or nobody.
 *
 * @module
 */
import { HEADERS as RESILIENCE_HEADERS } from '@breakwater/resilience';
import type { Step } from './chain.ts';
import { HEADERS } from './names.ts';

/**
 * - `edge`: clients may send anything; {@link INTERNAL_HEADERS} mean nothing.
 * - `internal`: only services of our own send requests, and what they say of a request is believed.
 */
export type Trust = 'edge' | 'internal';

/** Request headers that only a service of our own may speak by, in lower case. */
export const INTERNAL_HEADERS: readonly string[] = [
  ...Object.values(RESILIENCE_HEADERS),
  HEADERS.traceId,
  HEADERS.degraded,
  'tracestate',
  'baggage',
];

/**
 * At an edge, takes the internal headers away before anything reads them, so that none is obeyed
 * and none is passed on to a peer.
 */
export function dropInternalHeaders(trust: Trust): Step {
  if (trust === 'internal') return (_, next) => next();
  return (c, next) => {
    const { headers } = c.req.raw;
    for (const name of INTERNAL_HEADERS) if (headers.has(name)) headers.delete(name);
    return next();
  };
}

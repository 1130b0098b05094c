/**
 * Whom a service believes: its peers, or nobody.
 *
 * @module
 */
import { HEADERS as RESILIENCE_HEADERS } from '@breakwater/resilience';
import { HEADERS } from './names.ts';
import type { Received } from './received.ts';

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
 * Takes the internal headers of a request away before anything reads them, so that none is obeyed
 * and none is passed on to a peer.
 */
export function dropInternalHeaders({ raw, incoming }: Received): void {
  for (const name of INTERNAL_HEADERS) {
    // Asking Node's own is all that most requests cost here.
    if (incoming ? name in incoming.headers : raw.headers.has(name)) raw.headers.delete(name);
  }
}

/**
 * W3C Trace Context for k6, which cannot import it over the network.
 *
 * @module
 */

function hex(bytes: number): string {
  const random = new Uint8Array(bytes);
  crypto.getRandomValues(random);
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A `traceparent` for a new, sampled trace. */
export function newTraceparent(): string {
  return `00-${hex(16)}-${hex(8)}-01`;
}

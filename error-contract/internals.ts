/**
 * What tells a leak.
 *
 * @module
 */

/** What no response may tell: SQL, places in the source, addresses, stacks, drivers' words. */
export const INTERNALS =
  /\b(?:select|insert into|update|delete from)\b.+\b(?:from|values|set|where)\b|relation "|constraint|\/(?:srv|work|root|home|node_modules|packages|services)\/|\n\s+at |127\.0\.0\.1:|ECONN|postgres(?:ql)?:\/\/|file:\/\//i;

/**
 * Random numbers that can be repeated.
 *
 * @module
 */

/** A source of numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** The mulberry32 generator: the same seed (32 bits, unsigned) gives the same sequence. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

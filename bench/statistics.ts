/**
 * What many noisy rounds say together.
 *
 * @module
 */

/** Middle and spread of a sample. */
export interface Summary {
  readonly median: number;
  /** First and third quartile: half of the rounds lie between them. */
  readonly low: number;
  readonly high: number;
}

/** @throws {RangeError} on an empty sample. */
export function summarize(sample: readonly number[]): Summary {
  return {
    median: quantile(sample, 0.5),
    low: quantile(sample, 0.25),
    high: quantile(sample, 0.75),
  };
}

/**
 * The value below which the share `q` of the sample lies, interpolated.
 *
 * @throws {RangeError} on an empty sample.
 */
export function quantile(sample: readonly number[], q: number): number {
  if (sample.length === 0) throw new RangeError('a quantile of nothing');
  const sorted = [...sample].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

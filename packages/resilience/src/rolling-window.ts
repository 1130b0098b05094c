/** Slices of the window; an old count leaves it at most a tenth of the window late. */
const SLICES = 10;

/**
 * Two counts over a rolling window: how many there were, and how many of them were marked. Memory
 * and time are constant, and only the clock moves the window: after an idle hour it is empty.
 */
export class RollingWindow {
  readonly #sliceMs: number;
  readonly #counts = new Float64Array(SLICES);
  readonly #marks = new Float64Array(SLICES);
  #slice = 0;
  #counted = 0;
  #marked = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  /** Adds one to the first count. `now` is in milliseconds on a monotonic scale. */
  count(now: number): void {
    const index = this.#moveTo(now);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#counted++;
  }

  /** Adds one to the second count. */
  mark(now: number): void {
    const index = this.#moveTo(now);
    this.#marks[index] = (this.#marks[index] ?? 0) + 1;
    this.#marked++;
  }

  /** The first count over the window. */
  counted(now: number): number {
    this.#moveTo(now);
    return this.#counted;
  }

  /** The second count over the window. */
  marked(now: number): number {
    this.#moveTo(now);
    return this.#marked;
  }

  /** Empties every slice that has passed since the last look; gives the index of the present one. */
  #moveTo(now: number): number {
    const slice = Math.floor(now / this.#sliceMs);
    const passed = Math.min(SLICES, slice - this.#slice);
    for (let i = 1; i <= passed; i++) {
      const index = (this.#slice + i) % SLICES;
      this.#counted -= this.#counts[index] ?? 0;
      this.#marked -= this.#marks[index] ?? 0;
      this.#counts[index] = 0;
      this.#marks[index] = 0;
    }
    if (slice > this.#slice) this.#slice = slice;
    return this.#slice % SLICES;
  }
}

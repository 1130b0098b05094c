/**
 * Who may read a body now, and who waits.
 *
 * @module
 */
import { OverloadedError } from '@breakwater/errors';

/** Bodies that are read at once: each may take some 8 MiB. */
const MAX_READING = 2;
/** Exports that wait for their turn, unread and so for no memory. One more is refused: its exporter tries again. */
const MAX_WAITING = 64;

/** Turns in the order in which they were asked for. */
export class Turns {
  #reading = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws {OverloadedError} when too many wait already */
  async wait(): Promise<void> {
    if (this.#reading < MAX_READING) {
      this.#reading++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new OverloadedError('As many exports wait as services there can be.', {
        retryAfterS: 1,
      });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the turn to the next. */
  end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#reading--;
  }
}

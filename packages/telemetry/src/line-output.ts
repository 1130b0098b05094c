/**
 * Where the lines of a logger go: standard output, and a file.
 *
 * @module
 */
import { atEndOfTurn } from './end-of-turn.ts';
import type { LogFile } from './log-file.ts';

export interface LineOutputOptions {
  /** Takes one line, or several with newlines between them. */
  readonly write: (lines: string) => void;
  readonly file?: LogFile | undefined;
  /** Told how many lines the file could not take. */
  readonly onLost: (lines: number) => void;
}

/**
 * Writes lines in the order in which they come. A line that is written now takes along those that
 * were put off until the end of the turn.
 */
export class LineOutput {
  readonly #options: LineOutputOptions;
  readonly #flush = () => this.#writeLines();
  #lines = '';
  #count = 0;

  constructor(options: LineOutputOptions) {
    this.#options = options;
  }

  /** Writes a line: it is in the kernel's hands when this returns. */
  write(line: string): void {
    this.#add(line);
    this.#writeLines();
  }

  /**
   * Puts a line off until the end of the turn (see {@link atEndOfTurn}), where all of that turn are
   * one write. Whoever is told of what the line says must be told after that.
   */
  writeAtEndOfTurn(line: string): void {
    if (this.#count === 0) atEndOfTurn(this.#flush);
    this.#add(line);
  }

  close(): void {
    this.#writeLines();
    this.#options.file?.close();
  }

  #add(line: string): void {
    this.#lines = this.#count++ === 0 ? line : `${this.#lines}\n${line}`;
  }

  #writeLines(): void {
    const { write, file, onLost } = this.#options;
    const [lines, count] = [this.#lines, this.#count];
    if (count === 0) return;
    this.#lines = '';
    this.#count = 0;
    write(lines);
    try {
      file?.append(lines);
    } catch {
      onLost(count);
    }
  }
}

/**
 * A file of lines that are in the kernel's hands when the call returns, so that none is lost with the
 * process, and that is rotated once.
 *
 * @module
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

/** Size at which a file makes room for the next, in bytes: two of these are kept of a process. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Taken before anybody else wraps it. */
const write = writeSync;

/** Appends lines; the file is made with the first. */
export class LineFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** @throws what the file system refuses */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#descriptor !== undefined && this.#bytes + bytes.length > this.#maxBytes) {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
      renameSync(this.#path, this.#path.replace(/\.log$/, '.1.log'));
      this.#bytes = 0;
    }
    this.#descriptor ??= openSync(this.#path, 'a', 0o600);
    this.#bytes += bytes.length;
    write(this.#descriptor, bytes);
  }
}

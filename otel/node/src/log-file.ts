/**
 * A log file that loses nothing a crash could take: appended synchronously, rotated, capped.
 *
 * @module
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface LogFileOptions {
  readonly directory: string;
  /** Base name: `<name>.log` is written, `<name>.1.log` is the youngest rotated one. */
  readonly name: string;
  /** Size at which the file is rotated, in bytes. */
  readonly maxBytes: number;
  /** How many rotated files are kept; the cap on disk is `maxBytes * (keep + 1)`. */
  readonly keep: number;
}

const NEWLINE = Buffer.from('\n');

/**
 * Lines are in the kernel's hands when {@link LogFile.append} returns, so they survive SIGKILL.
 * A crash of the machine may take the last of them: there is no fsync.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  /** Undefined when it is closed, or when a rotation could not open the next file. */
  #fd: number | undefined;
  #size = 0;
  /** A write stopped in mid-line: the next line must start on a fresh one. */
  #torn = false;
  #closed = false;

  /** @throws when the directory or the file cannot be made or opened. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    this.#fd = this.#open();
  }

  /**
   * Appends one line; the newline is added.
   *
   * @throws when the disk takes no more of it, or the file is closed. The line is then lost to the
   *   file, and the next one still starts on a line of its own.
   */
  append(line: string): void {
    if (this.#closed) throw new Error('the log file is closed');
    const bytes = Buffer.from(`${line}\n`);
    this.#fd ??= this.#open();
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) this.#rotate();
    if (this.#torn) this.#write(NEWLINE);
    this.#write(bytes);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#closed = true;
  }

  #path(age: number): string {
    const { directory, name } = this.#options;
    return join(directory, age === 0 ? `${name}.log` : `${name}.${age}.log`);
  }

  #open(): number {
    const fd = openSync(this.#path(0), 'a+');
    this.#size = fstatSync(fd).size;
    this.#torn = this.#size > 0 && !endsWithNewline(fd, this.#size);
    return fd;
  }

  #rotate(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    rmSync(this.#path(this.#options.keep), { force: true });
    for (let age = this.#options.keep - 1; age >= 0; age--) {
      try {
        renameSync(this.#path(age), this.#path(age + 1));
      } catch {
        // That age has not been reached yet.
      }
    }
    this.#fd = this.#open();
  }

  #write(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd as number, bytes, written);
    } finally {
      this.#size += written;
      if (written > 0) this.#torn = written < bytes.length;
    }
  }
}

function endsWithNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

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
  statSync,
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
  /** Told how many lines went with a file that was removed and could not be written again. */
  readonly onLost?: (lines: number) => void;
  /** Monotonic, in milliseconds. */
  readonly now?: () => number;
}

const NEWLINE = Buffer.from('\n');
/** How often the path is looked at: a look costs as much as three lines. */
const LOOKS = { most: 10, withinMs: 100 };

/**
 * Lines are in the kernel's hands when {@link LogFile.append} returns, so they survive SIGKILL.
 * A crash of the machine may take the last of them: there is no fsync.
 *
 * A file that somebody moved, replaced, removed or truncated is noticed with the next line, under
 * load within 100 ms, and when it is closed. A new one is then opened, in a new directory where that
 * has gone as well; the lines that have gone into a removed file since the last look are written
 * again.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #now: () => number;
  /** Undefined when it is closed, or when a rotation could not open the next file. */
  #fd: number | undefined;
  #size = 0;
  /** The size when the path was last looked at: what is beyond may be in a file that has gone. */
  #lookedSize = 0;
  #looks = 0;
  #looksSince = -Infinity;
  #inode = 0;
  /** A write stopped in mid-line: the next line must start on a fresh one. */
  #torn = false;
  #closed = false;

  /** @throws when the directory or the file cannot be made or opened. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#fd = this.#open();
  }

  /**
   * Appends a line, or several with newlines between them; the last newline is added.
   *
   * @throws when the disk takes no more of it, or the file is closed. The line is then lost to the
   *   file, and the next one still starts on a line of its own.
   */
  append(lines: string): void {
    if (this.#closed) throw new Error('the log file is closed');
    const bytes = Buffer.from(`${lines}\n`);
    if (this.#mayLook()) this.#look();
    this.#fd ??= this.#open();
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) this.#rotate();
    if (this.#torn) this.#write(NEWLINE);
    this.#write(bytes);
  }

  close(): void {
    try {
      this.#look();
    } catch {
      // What it has lost is counted.
    }
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#closed = true;
  }

  #path(age: number): string {
    const { directory, name } = this.#options;
    return join(directory, age === 0 ? `${name}.log` : `${name}.${age}.log`);
  }

  #open(): number {
    mkdirSync(this.#options.directory, { recursive: true });
    const fd = openSync(this.#path(0), 'a+');
    const { size, ino } = fstatSync(fd);
    this.#inode = ino;
    this.#size = size;
    this.#lookedSize = size;
    this.#torn = size > 0 && !endsWithNewline(fd, size);
    return fd;
  }

  #mayLook(): boolean {
    const now = this.#now();
    if (now - this.#looksSince >= LOOKS.withinMs) {
      this.#looksSince = now;
      this.#looks = 0;
    }
    return this.#looks++ < LOOKS.most;
  }

  /** Opens the path again where it is no longer the file that is open. */
  #look(): void {
    if (this.#fd === undefined) return;
    const found = statSync(this.#path(0), { throwIfNoEntry: false });
    if (found?.ino === this.#inode) {
      this.#size = found.size;
      this.#lookedSize = found.size;
      return;
    }
    const orphans = orphanedLines(this.#fd, this.#lookedSize);
    closeSync(this.#fd);
    this.#fd = undefined;
    try {
      this.#fd = this.#open();
      if (this.#torn && orphans.length > 0) this.#write(NEWLINE);
      this.#write(orphans);
    } catch (error) {
      this.#options.onLost?.(orphans.filter((byte) => byte === 0x0a).length);
      throw error;
    }
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

/** What was written from `start` on into a file that nobody can open any more. */
function orphanedLines(fd: number, start: number): Buffer {
  const { nlink, size } = fstatSync(fd);
  if (nlink > 0 || size <= start) return Buffer.alloc(0);
  const bytes = Buffer.alloc(size - start);
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start));
}

function endsWithNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

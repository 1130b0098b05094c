/**
 * Standard output as a place for log lines.
 *
 * @module
 */
import { fstatSync, writeSync } from 'node:fs';

/**
 * Makes the function that writes one line to standard output, adding the newline. It never throws:
 * a reader that went away, or a full disk, must not end the service. Files and, on POSIX, pipes
 * are written synchronously.
 */
export function standardOutput(): (line: string) => void {
  if (isFile(1)) return writeToFile;
  process.stdout.on('error', () => {});
  return (line) => {
    if (process.stdout.writable) process.stdout.write(`${line}\n`);
  };
}

/** Past the stream, which the first write that a full disk refuses would close for good. */
function writeToFile(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // The next line may find room.
  }
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

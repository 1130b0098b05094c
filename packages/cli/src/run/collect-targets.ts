/**
 * Puts the processes that have announced themselves into the one file that is scraped.
 *
 * @module
 */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EVERY_MS = 300;

/**
 * Writes the file anew whenever the folder says something else.
 *
 * @returns ends that
 */
export function collectTargets(folder: string, file: string): () => void {
  let last = '';
  const collect = () => {
    const text = JSON.stringify(readGroups(folder));
    if (text === last) return;
    // Whole or not at all: it is read at any moment.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    last = text;
  };
  collect();
  const timer = setInterval(collect, EVERY_MS).unref();
  return () => clearInterval(timer);
}

function readGroups(folder: string): unknown[] {
  return readdirSync(folder)
    .filter((name) => isAlive(Number(/^(\d+)\.json$/.exec(name)?.[1])))
    .sort()
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8'))];
      } catch {
        // Half written, or just gone.
        return [];
      }
    });
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

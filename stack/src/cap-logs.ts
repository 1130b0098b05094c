import { copyFileSync, statSync, truncateSync } from 'node:fs';

/** Largest size of one log; the part before is kept once, as `….1`. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/**
 * Keeps logs from filling the disk.
 *
 * A process goes on writing to its own open file, so the file is copied and emptied in place. What
 * is written in that moment is lost here; a service's lines are in its own log file as well.
 */
export function capLogs(logs: readonly string[], largestBytes = LARGEST_BYTES): void {
  for (const log of logs) {
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= largestBytes) continue;
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
  }
}

/**
 * Log lines from the files that services write to `LOG_DIR`.
 *
 * @module
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareLines, parseLogLine } from '../log-line.ts';
import type { LogLine, TimeRange } from '../model.ts';
import type { Findings, LogSource } from '../sources.ts';

const CHUNK_BYTES = 256 * 1024;
/** More than a service writes in one line; two of these hold a whole one wherever they begin. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Bytes that one question reads at most; the oldest part of its range is left out beyond that. */
export const MAX_SCAN_BYTES = 128 * 1024 * 1024;

/**
 * Reads the files when asked. Lines of a file are in the order of their time, so that the beginning
 * of a range is found without reading what is before it.
 */
export function logFiles(directory: string, maxScanBytes = MAX_SCAN_BYTES): LogSource {
  return {
    ofTrace: (traceId, range) => scan(directory, range, maxScanBytes, traceId),
    within: (range) => scan(directory, range, maxScanBytes),
  };
}

async function scan(
  directory: string,
  range: TimeRange,
  maxScanBytes: number,
  needle?: string,
): Promise<Findings<LogLine>> {
  const found: LogLine[] = [];
  const { paths, problem } = await filesSince(directory, range.fromMs);
  const missing = new Set(problem === undefined ? [] : [problem]);
  let left = maxScanBytes;
  for (const path of paths) {
    let file: FileHandle;
    try {
      file = await open(path);
    } catch (error) {
      // One that is not there any more was rotated away meanwhile.
      if (codeOf(error) !== 'ENOENT') missing.add(`${path} cannot be read (${codeOf(error)}).`);
      continue;
    }
    try {
      const { size } = await file.stat();
      const { low } = await around(file, size, range.fromMs);
      const { high } = await around(file, size, range.toMs + 1);
      const to = Math.min(size, high + MAX_LINE_BYTES);
      const start = Math.max(low, to - left);
      if (start > low) missing.add(`Of the log files ${maxScanBytes} bytes were read, the newest.`);
      left -= to - start;
      for await (const line of readLines(file, start, to)) {
        if (needle !== undefined && !line.includes(needle)) continue;
        const parsed = parseLogLine(line.toString());
        if (!parsed || (needle !== undefined && parsed.traceId !== needle)) continue;
        if (parsed.timeMs >= range.fromMs && parsed.timeMs <= range.toMs) found.push(parsed);
      }
    } finally {
      await file.close();
    }
  }
  found.sort(compareLines);
  return missing.size === 0 ? { found } : { found, incomplete: [...missing].join(' ') };
}

/** Log files that were written to since a moment, the youngest first. */
async function filesSince(
  directory: string,
  fromMs: number,
): Promise<{ paths: string[]; problem?: string }> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    return { paths: [], problem: folderProblem(directory, error) };
  }
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.log'))
      .map(async (name) => {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
        return { path, mtimeMs };
      }),
  );
  const paths = files
    .filter(({ mtimeMs }) => mtimeMs >= fromMs)
    .sort((a, b) => b.mtimeMs - a.mtimeMs)
    .map(({ path }) => path);
  return { paths };
}

/** Why no line can be read, as a sentence. */
export function folderProblem(directory: string, error: unknown): string {
  return `The folder of log files, ${directory}, cannot be read (${codeOf(error)}).`;
}

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/**
 * Two offsets, close to each other, around the first line that is not older than a moment: the line
 * that `low` falls into is older, and the one behind that `high` falls into is not.
 */
async function around(
  file: FileHandle,
  size: number,
  timeMs: number,
): Promise<{ low: number; high: number }> {
  let [low, high] = [0, size];
  while (high - low > MAX_LINE_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const found = await timeAfter(file, middle);
    if (found === undefined || found >= timeMs) high = middle;
    else low = middle;
  }
  return { low, high };
}

/** The time of the first whole line behind an offset that has one. */
async function timeAfter(file: FileHandle, offset: number): Promise<number | undefined> {
  const { buffer, bytesRead } = await file.read({
    buffer: Buffer.allocUnsafe(2 * MAX_LINE_BYTES),
    position: offset,
  });
  const lines = buffer.subarray(0, bytesRead).toString().split('\n').slice(1, -1);
  for (const line of lines) {
    const timeMs = Date.parse(/"timestamp":"([^"]+)"/.exec(line)?.[1] ?? '');
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  return undefined;
}

/** The lines between two offsets, without their newline; what is behind the last one is left out. */
export async function* readLines(
  file: FileHandle,
  from: number,
  to: number,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = from; at < to; ) {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at)),
      position: at,
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    const chunk = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield chunk.subarray(start, end);
      start = end + 1;
    }
    rest = chunk.subarray(start);
  }
}

/**
 * Keeps what a program writes to standard output and error as log lines too, each with the trace it
 * was written in. The terminal sees what it would see without.
 *
 * @module
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { currentTrace } from './current-trace.ts';
import { LineFile } from './line-file.ts';
import { linesOf, type Written } from './output-lines.ts';

type Descriptor = 1 | 2;
type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;

/** Where `console.*` says how severe it is, for as long as its call lasts. */
const CONSOLE_LEVELS = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  trace: 'debug',
} as const;

/** Longest beginning of a line that is kept for its end, in characters. */
const MAX_PENDING = 64 * 1024;

/** Begins to keep what is written, to a file of this process in a folder. */
export function teeOutput(folder: string, service: string): void {
  const file = new LineFile(join(folder, `${service.replace(/[^\w.-]/g, '_')}-${process.pid}.log`));
  const pending = new Map<Descriptor, string>();
  let level: string | undefined;
  /** Above 0 while a stream writes by itself what was taken already. */
  let inside = 0;

  const take = (descriptor: Descriptor, chunk: unknown): void => {
    try {
      const text = (pending.get(descriptor) ?? '') + textOf(chunk);
      const end = text.lastIndexOf('\n') + 1;
      const whole = end === 0 && text.length > MAX_PENDING ? text.length : end;
      pending.set(descriptor, text.slice(whole));
      if (whole === 0) return;
      const written: Written = {
        text: text.slice(0, whole),
        level: level ?? (descriptor === 2 ? 'error' : 'info'),
        service,
        nowMs: Date.now(),
        trace: currentTrace(),
      };
      for (const line of linesOf(written)) file.append(line);
    } catch {
      // Whatever is wrong with the copy, the program writes on.
    }
  };

  teeConsole((name, call) => {
    const before = level;
    level = CONSOLE_LEVELS[name];
    try {
      return call();
    } finally {
      level = before;
    }
  });
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    const write = stream.write.bind(stream) as Write;
    stream.write = ((chunk: unknown, encoding?: unknown, callback?: unknown) => {
      if (inside === 0) take(descriptor, chunk);
      inside++;
      try {
        return write(chunk, encoding, callback);
      } finally {
        inside--;
      }
    }) as typeof stream.write;
  }
  // pino and others write to the descriptor, past the streams.
  teeDescriptors((descriptor, chunk) => {
    if (inside === 0) take(descriptor, chunk);
  });
  // The runtime itself prints what ends the process, past everything above.
  process.on('uncaughtExceptionMonitor', (error) => {
    level = 'error';
    take(2, `Uncaught ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    level = undefined;
  });
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return ArrayBuffer.isView(chunk)
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8')
    : '';
}

function teeConsole(during: <T>(name: keyof typeof CONSOLE_LEVELS, call: () => T) => T): void {
  for (const name of Object.keys(CONSOLE_LEVELS) as (keyof typeof CONSOLE_LEVELS)[]) {
    const method = console[name].bind(console) as (...args: unknown[]) => void;
    console[name] = (...args: unknown[]) => during(name, () => method(...args));
  }
}

function teeDescriptors(take: (descriptor: Descriptor, chunk: unknown) => void): void {
  for (const name of ['write', 'writeSync'] as const) {
    const original = fs[name] as (
      descriptor: number,
      chunk: unknown,
      ...rest: unknown[]
    ) => unknown;
    const teed = (descriptor: number, chunk: unknown, ...rest: unknown[]) => {
      const result = original(descriptor, chunk, ...rest);
      if (descriptor === 1 || descriptor === 2) take(descriptor, chunk);
      return result;
    };
    Object.assign(fs, { [name]: Object.assign(teed, original) });
  }
  syncBuiltinESMExports();
}

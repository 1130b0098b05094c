/**
 * The winston logger of a service: one JSON object a line, on standard output and in a file.
 *
 * @module
 */

import { trace } from '@opentelemetry/api';
import { Counter, type Registry } from 'prom-client';
import winston from 'winston';
import type { Identity } from './identity.ts';
import { LineOutput } from './line-output.ts';
import { logEntry } from './log-entry.ts';
import { LogFile } from './log-file.ts';
import { type LogLevel, parseLogLevel } from './log-level.ts';
import { lineFormat } from './log-line.ts';
import { METRICS } from './names.ts';
import { isBelow, takePreparedLines } from './prepared-line.ts';
import { standardOutput } from './standard-output.ts';

export type Logger = winston.Logger;

/** What a logger writes on its lines, and where it writes them. */
export interface LoggerOptions {
  /** Name the service, on every line. */
  readonly identity: Identity;
  /** Write `<serviceName>.log` in this directory as well. Default: standard output only. */
  readonly directory?: string | undefined;
  /** Write what is at least as severe as this. Default: `info`. */
  readonly level?: LogLevel | undefined;
  /** Take each line, beside the file. Default: standard output. */
  readonly write?: (line: string) => void;
  /** Tell the time of a line. Default: the clock of the machine. */
  readonly now?: () => Date;
  /** Count lines in this registry. Default: count none. */
  readonly registry?: Registry | undefined;
}

/** Rotated at 32 MiB, five files kept: at most 192 MiB a service. */
const FILE_LIMITS = { maxBytes: 32 * 1024 * 1024, keep: 5 };

/** Counted from 0, so that the first line of a level is seen as an increase. */
const LEVELS = ['error', 'warn', 'info'];

/**
 * Make a logger whose lines carry the service's identity, the active trace and a sequence number.
 * Secrets are redacted. A line is in the kernel's hands when the call returns; it does not go
 * through winston's stream of streams, which costs as much as the rest of a line. Transports that
 * are added later get every entry besides.
 *
 * @throws {TelemetrySettingsError} when there is no such level.
 * @throws when `directory` cannot be written to: found at start-up, not at the first failure.
 * @example
 * const logger = createLogger({ identity: { serviceName: 'todo' }, directory: '/var/log/todo' });
 * logger.info('started', { port: 8080 });
 */
export function createLogger(options: LoggerOptions): Logger {
  const { identity, directory, registry: register } = options;
  const { write = standardOutput() } = options;
  const now = options.now ?? (() => new Date());
  const countLine = register && lineCounter(register);
  const lost = register && lostCounter(register);
  const onLost = (lines: number) => lost?.inc(lines);
  const file = directory
    ? new LogFile({ directory, name: identity.serviceName, ...FILE_LIMITS, onLost })
    : undefined;
  const format = lineFormat(identity);
  const output = new LineOutput({ write: options.write ? eachLine(write) : write, file, onLost });

  const logger = winston.createLogger({
    level: parseLogLevel(options.level, 'level'),
    exitOnError: false,
  });
  const writeToTransports = logger.write.bind(logger);
  logger.write = (info: winston.Logform.TransformableInfo): boolean => {
    const { level, message } = info;
    if (logger.silent || isBelow(logger, level)) return true;
    const line = format.line({
      time: now(),
      level,
      message,
      fields: info,
      span: trace.getActiveSpan()?.spanContext(),
    });
    countLine?.(level);
    output.write(line);
    return logger.transports.length === 0 || writeToTransports(info);
  };
  takeEntries(logger);
  takePreparedLines(logger, {
    format,
    now,
    write(level, line, when) {
      countLine?.(level);
      if (when === 'now') output.write(line);
      else output.writeAtEndOfTurn(line);
    },
  });
  logger.once('finish', () => output.close());
  return logger;
}

/** Ends the logger and its file. Lines written after it still reach stdout. */
export async function closeLogger(logger: Logger): Promise<void> {
  if (logger.writableEnded) return;
  const finished = new Promise<void>((resolve) => logger.once('finish', () => resolve()));
  logger.end();
  await finished;
}

/** Makes all entries with {@link logEntry}, those of children as well. */
function takeEntries(logger: Logger): void {
  const log = function (this: Logger, level: unknown, ...args: unknown[]): Logger {
    const alone = args.length === 0 ? (level as { level: string }) : undefined;
    this.write(alone ? logEntry(alone.level, [alone]) : logEntry(String(level), args));
    return this;
  };
  const methods = Object.keys(logger.levels).map((level) => [
    level,
    function (this: Logger, ...args: unknown[]): Logger {
      return log.call(this, level, ...args);
    },
  ]);
  Object.assign(logger, { log, ...Object.fromEntries(methods) });
}

/** No line holds a newline of its own. */
function eachLine(write: (line: string) => void): (lines: string) => void {
  return (lines) => {
    for (const line of lines.split('\n')) write(line);
  };
}

/** Lines since the last scrape, by level, of all loggers that share a registry. */
const linesSince = new WeakMap<Registry, Map<string, number>>();

/** Counts in a number of its own; prom-client, which looks up a series each time, at a scrape. */
function lineCounter(register: Registry): (level: string) => void {
  const lines = linesSince.get(register) ?? new Map(LEVELS.map((level) => [level, 0]));
  if (!linesSince.has(register)) {
    linesSince.set(register, lines);
    new Counter({
      name: METRICS.logLines,
      help: 'Log lines written, by level.',
      labelNames: ['level'],
      registers: [register],
      collect() {
        for (const [level, count] of lines) {
          this.inc({ level }, count);
          lines.set(level, 0);
        }
      },
    });
  }
  return (level) => lines.set(level, (lines.get(level) ?? 0) + 1);
}

function lostCounter(register: Registry): Counter {
  const name = METRICS.logLinesLost;
  const help = 'Log lines the log file could not take.';
  const existing = register.getSingleMetric(name) as Counter | undefined;
  return existing ?? new Counter({ name, help, registers: [register] });
}

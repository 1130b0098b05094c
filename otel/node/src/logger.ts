/**
 * The winston logger of a service: one JSON object a line, on stdout and in `LOG_DIR`.
 *
 * @module
 */

import { trace } from '@opentelemetry/api';
import { Counter, type Registry } from 'prom-client';
import winston from 'winston';
import { type Identity, readIdentity } from './identity.ts';
import { logEntry } from './log-entry.ts';
import { LogFile } from './log-file.ts';
import { type LogLevel, parseLogLevel } from './log-level.ts';
import { lineFormat } from './log-line.ts';
import { registry as processRegistry } from './metrics.ts';
import { METRICS } from './names.ts';
import { standardOutput } from './standard-output.ts';

export type Logger = winston.Logger;

export interface LoggerOptions {
  readonly identity?: Identity;
  /** Directory for `<service>.log`; stdout only when absent. Default: `LOG_DIR`. */
  readonly directory?: string | undefined;
  /** Least severe level that is written. Default: `LOG_LEVEL`, else `info`. */
  readonly level?: LogLevel;
  /** Where lines go beside the file. Default: stdout. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
  readonly registry?: Registry;
}

/** Rotated at 32 MiB, five files kept: at most 192 MiB a service. */
const FILE_LIMITS = { maxBytes: 32 * 1024 * 1024, keep: 5 };

/** Counted from 0, so that the first line of a level is seen as an increase. */
const LEVELS = ['error', 'warn', 'info'];

/**
 * Makes a logger whose lines carry the service's identity, the active trace and a sequence number.
 * Secrets are redacted. A line is in the kernel's hands when the call returns; it does not go
 * through winston's stream of streams, which costs as much as the rest of a line. Transports that
 * are added later get every entry besides.
 *
 * @throws {TelemetrySettingsError} when there is no such level.
 * @throws when `directory` cannot be written to: found at start-up, not at the first failure.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const identity = options.identity ?? readIdentity();
  const directory = 'directory' in options ? options.directory : process.env.LOG_DIR;
  const writeLine = options.write ?? standardOutput();
  const now = options.now ?? (() => new Date());
  const register = options.registry ?? (processRegistry as Registry);
  const countLine = lineCounter(register);
  const lost = lostCounter(register);
  const onLost = (lines: number) => lost.inc(lines);
  const file = directory
    ? new LogFile({ directory, name: identity.serviceName, ...FILE_LIMITS, onLost })
    : undefined;
  const format = lineFormat(identity);

  const logger = winston.createLogger({
    level: parseLogLevel(options.level ?? process.env.LOG_LEVEL),
    exitOnError: false,
  });
  const writeToTransports = logger.write.bind(logger);
  logger.write = (info: winston.Logform.TransformableInfo): boolean => {
    const { level, message } = info;
    if (logger.silent || isBelow(logger, level)) return true;
    const line = format({
      time: now(),
      level,
      message,
      fields: info,
      span: trace.getActiveSpan()?.spanContext(),
    });
    countLine(level);
    writeLine(line);
    try {
      file?.append(line);
    } catch {
      lost.inc();
    }
    return logger.transports.length === 0 || writeToTransports(info);
  };
  takeEntries(logger);
  logger.once('finish', () => file?.close());
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

/** Where a level is not known, of the line or of the logger, the line is written. */
function isBelow(logger: Logger, level: string): boolean {
  return (logger.levels[level] ?? 0) > (logger.levels[logger.level] ?? Infinity);
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

/**
 * The winston logger of a service: one JSON object a line, on stdout and in `LOG_DIR`.
 *
 * @module
 */

import { redact } from '@breakwater/errors';
import { trace } from '@opentelemetry/api';
import { Counter, type Registry } from 'prom-client';
import winston from 'winston';
import Transport from 'winston-transport';
import { type Identity, readIdentity } from './identity.ts';
import { LogFile } from './log-file.ts';
import { registry as processRegistry } from './metrics.ts';
import { FIELDS, METRICS } from './names.ts';

export type Logger = winston.Logger;

export interface LoggerOptions {
  readonly identity?: Identity;
  /** Directory for `<service>.log`; stdout only when absent. Default: `LOG_DIR`. */
  readonly directory?: string | undefined;
  /** Least severe level that is written. Default: `LOG_LEVEL`, else `info`. */
  readonly level?: string;
  /** Where lines go beside the file. Default: stdout. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
  readonly registry?: Registry;
}

/** Rotated at 32 MiB, five files kept: at most 192 MiB a service. */
const FILE_LIMITS = { maxBytes: 32 * 1024 * 1024, keep: 5 };

const MESSAGE = Symbol.for('message');

/** stdout while it can be written to: a reader that went away must not end the service. */
function writeToStdout(line: string): void {
  if (process.stdout.writable) process.stdout.write(`${line}\n`);
}

/**
 * Makes a logger whose lines carry the service's identity, the active trace and a sequence number,
 * which keeps equal messages of one millisecond apart: Loki drops a line that equals another.
 * Values under secrets' keys are redacted.
 *
 * @throws when `directory` cannot be written to: found at start-up, not at the first failure.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const identity = options.identity ?? readIdentity();
  const directory = 'directory' in options ? options.directory : process.env.LOG_DIR;
  const write = options.write ?? writeToStdout;
  const now = options.now ?? (() => new Date());
  const register = options.registry ?? (processRegistry as Registry);
  const file = directory
    ? new LogFile({ directory, name: identity.serviceName, ...FILE_LIMITS })
    : undefined;
  const lines = counter(register, METRICS.logLines, 'Log lines written, by level.', ['level']);
  const lost = counter(
    register,
    METRICS.logLinesLost,
    'Log lines the log file could not take.',
    [],
  );

  const resource = {
    [FIELDS.serviceName]: identity.serviceName,
    [FIELDS.serviceNamespace]: identity.namespace,
    [FIELDS.environment]: identity.environment,
    'process.pid': process.pid,
  };
  let sequence = 0;

  const format = winston.format((info) => {
    const { level, message, ...fields } = info;
    const span = trace.getActiveSpan()?.spanContext();
    const line = {
      timestamp: now().toISOString(),
      level,
      message,
      ...resource,
      ...(span ? { [FIELDS.traceId]: span.traceId, [FIELDS.spanId]: span.spanId } : {}),
      [FIELDS.sequence]: sequence++,
      ...(redact(fields) as object),
    };
    info[MESSAGE] = JSON.stringify(line);
    return info;
  });

  class LineTransport extends Transport {
    override log(info: winston.Logform.TransformableInfo, next: () => void): void {
      const line = String(info[MESSAGE]);
      lines.inc({ level: info.level });
      write(line);
      try {
        file?.append(line);
      } catch {
        lost.inc();
      }
      next();
    }

    override close(): void {
      file?.close();
    }
  }

  return winston.createLogger({
    level: options.level ?? process.env.LOG_LEVEL ?? 'info',
    format: format(),
    transports: [new LineTransport()],
    exitOnError: false,
  });
}

/** Ends the logger and waits until its last line is out. */
export async function closeLogger(logger: Logger): Promise<void> {
  if (logger.writableEnded) return;
  const finished = new Promise<void>((resolve) => logger.once('finish', () => resolve()));
  logger.end();
  await finished;
}

function counter(register: Registry, name: string, help: string, labelNames: string[]): Counter {
  const existing = register.getSingleMetric(name) as Counter | undefined;
  return existing ?? new Counter({ name, help, labelNames, registers: [register] });
}

/**
 * Lines that differ in ids and numbers only, such as those of requests to one route.
 *
 * @module
 */
import type { SpanContext } from '@opentelemetry/api';
import type winston from 'winston';
import type { FixedPart, LineFormat } from './log-line.ts';
import { FIELDS } from './names.ts';

/** What is the same on all of them. */
export interface PreparedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
  /** As JSON, by the logger that wrote it first. */
  fixed?: FixedPart;
}

/** When a line is written: before the call returns, or with all others of this turn. */
export type When = 'now' | 'end of turn';

/** The way to the outputs of a logger, past winston. */
interface Outlet {
  readonly format: LineFormat;
  readonly now: () => Date;
  readonly write: (level: string, line: string, when: When) => void;
}

const outlets = new WeakMap<winston.Logger, Outlet>();

/** Lets {@link writePrepared} write past winston's entries, which cost as much as the rest. */
export function takePreparedLines(logger: winston.Logger, outlet: Outlet): void {
  outlets.set(logger, outlet);
}

/**
 * Writes a line as `logger.log(level, message, fields)` would. What is fixed is serialised, and
 * secrets are redacted from it, once; what comes to it must need neither.
 *
 * @param more further fields, as JSON without the braces, of texts that need no escape
 * @param when `end of turn` for a line about a response that is sent after that
 */
export function writePrepared(
  logger: winston.Logger,
  line: PreparedLine,
  span: SpanContext,
  more: string,
  when: When = 'now',
): void {
  const outlet = outlets.get(logger);
  if (!outlet || logger.transports.length > 0) {
    const { level, message, fields } = line;
    logger.log(level, message, {
      ...fields,
      ...JSON.parse(`{${more}}`),
      [FIELDS.traceId]: span.traceId,
    });
    return;
  }
  if (logger.silent || isBelow(logger, line.level)) return;
  line.fixed ??= outlet.format.fix(line.level, line.message, line.fields);
  outlet.write(line.level, outlet.format.fixedLine(line.fixed, outlet.now(), span, more), when);
}

/** Where a level is not known, of the line or of the logger, the line is written. */
export function isBelow(logger: winston.Logger, level: string): boolean {
  return (logger.levels[level] ?? 0) > (logger.levels[logger.level] ?? Infinity);
}

/**
 * The JSON line of a log entry: identity, trace, sequence, and the fields with secrets redacted.
 *
 * @module
 */
import { redact } from '@breakwater/errors';
import { isValidTraceId, type SpanContext } from '@opentelemetry/api';
import type { Identity } from './identity.ts';
import { FIELDS } from './names.ts';

/** What a line is made of. */
export interface LogEntry {
  readonly time: Date;
  readonly level: string;
  readonly message: unknown;
  /** Whatever the caller gave; fields the line owns are ignored here. */
  readonly fields: object;
  /** The active span, if there is one. `trace_id` among the fields goes before it. */
  readonly span: SpanContext | undefined;
}

/** Loki refuses a line with more than 64 KB of metadata, and all of a line's fields are metadata. */
export const MAX_LINE_BYTES = 48 * 1024;

/** What a text keeps at most in a line that is too long, in characters. */
const MAX_TEXT = 8_192;

/** Fields that only the logger writes. */
const OWNED: ReadonlySet<string> = new Set([
  'timestamp',
  'level',
  'message',
  FIELDS.serviceName,
  FIELDS.serviceNamespace,
  FIELDS.environment,
  'process.pid',
  FIELDS.traceId,
  FIELDS.spanId,
  FIELDS.sequence,
]);

/** The part of a line that is the same whenever something is logged. */
export interface FixedPart {
  readonly level: string;
  /** From the level to the identity. */
  readonly head: string;
  /** The fields. */
  readonly rest: string;
}

/** Turns entries into lines. */
export interface LineFormat {
  /** The line of an entry. Never throws: fields that cannot be read are left out, and it says so. */
  line(entry: LogEntry): string;
  /** What all lines of one text and these fields have in common. */
  fix(level: string, message: string, fields: object): FixedPart;
  /**
   * The line of something fixed, for one span.
   *
   * @param more further fields, as JSON without the braces
   */
  fixedLine(fixed: FixedPart, time: Date, span: SpanContext, more: string): string;
}

/**
 * Makes the format of a service's lines. Each line has the next sequence number, which keeps equal
 * messages of one millisecond apart: Loki drops a line that equals another.
 */
export function lineFormat(identity: Identity): LineFormat {
  const resource = JSON.stringify({
    [FIELDS.serviceName]: identity.serviceName,
    [FIELDS.serviceNamespace]: identity.namespace,
    [FIELDS.environment]: identity.environment,
    'process.pid': process.pid,
  }).slice(1, -1);
  const timestamp = timestampFormat();
  let sequence = 0;

  const headOf = (level: string, message: unknown) =>
    `"level":${JSON.stringify(level)},"message":${messageText(message)},${resource},`;

  return {
    line({ time, level, message, fields, span }) {
      const head =
        `{"timestamp":"${timestamp(time)}",${headOf(level, message)}` +
        `${traceOf(fields, span)}"${FIELDS.sequence}":${sequence++}`;
      const rest = fieldsText(fields);
      const line = rest === '{}' ? `${head}}` : `${head},${rest.slice(1)}`;
      return line.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(line) <= MAX_LINE_BYTES
        ? line
        : shorten(line);
    },
    fix(level, message, fields) {
      return { level, head: headOf(level, message), rest: fieldsText(fields).slice(1, -1) };
    },
    fixedLine({ head, rest }, time, { traceId, spanId }, more) {
      return (
        `{"timestamp":"${timestamp(time)}",${head}"${FIELDS.traceId}":"${traceId}",` +
        `"${FIELDS.spanId}":"${spanId}","${FIELDS.sequence}":${sequence++},${rest},${more}}`
      );
    },
  };
}

/** A log is where errors are told whole. */
const FIELD_RULES = { errors: 'whole', without: OWNED } as const;

/** ISO 8601 in UTC. Many lines fall into one millisecond, and writing a date is slow. */
function timestampFormat(): (time: Date) => string {
  let lastMs = Number.NaN;
  let lastText = '';
  return (time) => {
    const ms = time.getTime();
    if (ms !== lastMs) {
      lastMs = ms;
      lastText = time.toISOString();
    }
    return lastText;
  };
}

/** What is no trace id is none of this line: the collector would take the line for no line at all. */
function traceOf(fields: object, span: SpanContext | undefined): string {
  const given = givenTraceId(fields);
  const traceId = given !== undefined && isValidTraceId(given) ? given : span?.traceId;
  if (traceId === undefined) return '';
  const spanId = span?.traceId === traceId ? `"${FIELDS.spanId}":"${span.spanId}",` : '';
  return `"${FIELDS.traceId}":${JSON.stringify(traceId)},${spanId}`;
}

function givenTraceId(fields: object): string | undefined {
  try {
    const given = (fields as Record<string, unknown>)[FIELDS.traceId];
    return typeof given === 'string' ? given : undefined;
  } catch {
    return undefined;
  }
}

function messageText(message: unknown): string {
  return JSON.stringify(redact(message, { errors: 'whole' })) ?? '""';
}

function fieldsText(fields: object): string {
  const copy = redact(fields, FIELD_RULES);
  if (typeof copy !== 'object' || copy === null) return JSON.stringify({ log_error: copy });
  return JSON.stringify(copy);
}

/** Cuts texts, the longest first, until the line fits: ids and codes are short and stay whole. */
function shorten(line: string): string {
  const fields: [string, unknown][] = Object.entries(JSON.parse(line));
  const bytes = Buffer.byteLength(line);
  for (let longest = MAX_TEXT; ; longest /= 2) {
    const short = JSON.stringify({
      ...Object.fromEntries(fields.map(([key, value]) => [key.slice(0, 64), cut(value, longest)])),
      shortened_from_bytes: bytes,
    });
    if (Buffer.byteLength(short) <= MAX_LINE_BYTES) return short;
  }
}

function cut(value: unknown, longest: number): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : value;
}

/**
 * Output of a program as log lines: JSON as it is, with what it lacks, and text as messages.
 *
 * @module
 */
import { stripVTControlCharacters } from 'node:util';
import { redact, redactText } from '@breakwater/errors';
import type { TraceIds } from './current-trace.ts';

/** What was written at once: whole lines. */
export interface Written {
  readonly text: string;
  /** Of lines that do not say it themselves. */
  readonly level: string;
  readonly service: string;
  /** Unix time, in milliseconds. */
  readonly nowMs: number;
  /** The span it was written in. */
  readonly trace: TraceIds | undefined;
}

/** Longest message or line of JSON, in characters: a line of a log file may have 64 KiB. */
const MAX_CHARACTERS = 16 * 1024;
/** Levels of pino and bunyan. */
const NUMBERED = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

let sequence = 0;

/**
 * One line for each line of JSON, and one for all text between: a stack has many lines and is one
 * message.
 */
export function linesOf(written: Written): string[] {
  const lines: string[] = [];
  let text: string[] = [];
  const endText = () => {
    const message = text.join('\n').trim();
    text = [];
    if (message !== '') lines.push(textLine(written, message));
  };
  for (const line of written.text.split('\n')) {
    const fields = jsonOf(line);
    if (!fields) {
      text.push(line);
      continue;
    }
    endText();
    lines.push(jsonLine(written, fields));
  }
  endText();
  return lines;
}

function jsonOf(line: string): Record<string, unknown> | undefined {
  if (!/^\s*\{.*\}\s*$/.test(line) || line.length > MAX_CHARACTERS) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function textLine(written: Written, text: string): string {
  const plain = redactText(stripVTControlCharacters(text));
  const message = plain.length > MAX_CHARACTERS ? `${plain.slice(0, MAX_CHARACTERS)}…` : plain;
  return JSON.stringify({
    timestamp: new Date(written.nowMs).toISOString(),
    level: written.level,
    message,
    ...own(written),
    ...traceFields(written.trace),
  });
}

/** A line of another logger: its fields stay, and those that are read here are added. */
function jsonLine(written: Written, fields: Record<string, unknown>): string {
  const { level, message, msg, timestamp, time, trace_id: given } = fields;
  const at = new Date((timestamp ?? time ?? written.nowMs) as string | number);
  const isTold = typeof given === 'string' && /^[0-9a-f]{32}$/.test(given);
  return JSON.stringify({
    ...own(written),
    ...(isTold ? {} : traceFields(written.trace)),
    ...(redact(fields) as object),
    ...(isTold || !written.trace ? {} : { trace_id: written.trace.traceId }),
    timestamp: (Number.isNaN(at.getTime()) ? new Date(written.nowMs) : at).toISOString(),
    level: levelOf(level) ?? written.level,
    message: String(message ?? msg ?? ''),
  });
}

function own({ service }: Written) {
  return { 'service.name': service, 'process.pid': process.pid, seq: sequence++ };
}

function traceFields(trace: TraceIds | undefined): object {
  return trace ? { trace_id: trace.traceId, span_id: trace.spanId } : {};
}

function levelOf(level: unknown): string | undefined {
  if (typeof level === 'string') return level.toLowerCase();
  return NUMBERED[level as keyof typeof NUMBERED];
}

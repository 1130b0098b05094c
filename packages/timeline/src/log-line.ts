/**
 * Reads one line of a service's log.
 *
 * @module
 */
import { FIELDS } from '@breakwater/telemetry/core';
import { answerFields } from './answer-fields.ts';
import type { AnsweredRequest, LogLine } from './model.ts';

/** The line, or undefined when it is not one that a service's logger wrote. */
export function parseLogLine(text: string): LogLine | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const timeMs = Date.parse(String(fields.timestamp));
  if (Number.isNaN(timeMs)) return undefined;
  return {
    timeMs,
    service: String(fields[FIELDS.serviceName] ?? 'unknown'),
    level: String(fields.level ?? 'info'),
    message: String(fields.message ?? ''),
    traceId: optional(fields[FIELDS.traceId]),
    spanId: optional(fields[FIELDS.spanId]),
    errorCode: optional(fields[FIELDS.errorCode]),
    fields,
  };
}

function optional(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Orders lines by time, and lines of one process in one millisecond as they were written. */
export function compareLines(a: LogLine, b: LogLine): number {
  return (
    a.timeMs - b.timeMs || Number(a.fields[FIELDS.sequence]) - Number(b.fields[FIELDS.sequence])
  );
}

/** The answer a line is about; undefined for the lines that are not the one of a request. */
export function answeredRequest(line: LogLine): AnsweredRequest | undefined {
  const { fields, timeMs, service, traceId, spanId, errorCode } = line;
  const { method = '', route, status } = answerFields(fields);
  if (!traceId || route === undefined || status === undefined) return undefined;
  return {
    timeMs,
    traceId,
    spanId,
    requestId: String(fields[FIELDS.requestId] ?? ''),
    service,
    method,
    route,
    status,
    durationMs: Number(fields[FIELDS.durationMs] ?? 0),
    errorCode,
    message: String(fields[FIELDS.exceptionMessage] ?? line.message),
  };
}

/**
 * Reads log records in OTLP/JSON as the lines they would be in a service's log.
 *
 * @module
 */
import { FIELDS } from '@breakwater/telemetry/core';
import type { LogLine } from './model.ts';
import {
  type AnyValue,
  attributes,
  hexId,
  type KeyValue,
  milliseconds,
  plain,
} from './otlp-values.ts';

interface OtlpLogRecord {
  readonly timeUnixNano?: string | number;
  readonly observedTimeUnixNano?: string | number;
  readonly severityNumber?: number | string;
  readonly severityText?: string;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

/** The part of an OTLP logs payload that is read; every field may be missing. */
export interface OtlpLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeLogs?: readonly { readonly logRecords?: readonly OtlpLogRecord[] }[];
  }[];
}

/** Of each four severity numbers one (OpenTelemetry Logs Data Model, "Displaying Severity"). */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/**
 * The lines in a payload, in its order.
 *
 * @param nowMs the time of a record that has none; Unix time, in milliseconds
 */
export function readOtlpLogs(payload: OtlpLogs, nowMs: number): LogLine[] {
  return (payload.resourceLogs ?? []).flatMap(({ resource, scopeLogs = [] }) => {
    const ofProcess = attributes(resource?.attributes);
    const service = String(ofProcess[FIELDS.serviceName] ?? 'unknown');
    return scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map((record) => readRecord(record, service, nowMs)),
    );
  });
}

function readRecord(record: OtlpLogRecord, service: string, nowMs: number): LogLine {
  const timeMs =
    milliseconds(record.timeUnixNano) || milliseconds(record.observedTimeUnixNano) || nowMs;
  const own = attributes(record.attributes);
  const traceId = idOf(record.traceId, 32);
  const spanId = idOf(record.spanId, 16);
  const level = levelOf(record);
  const message = messageOf(record);
  const code = own[FIELDS.errorCode];
  return {
    timeMs: Math.floor(timeMs),
    service,
    level,
    message,
    traceId,
    spanId,
    errorCode: typeof code === 'string' ? code : undefined,
    fields: {
      timestamp: new Date(timeMs).toISOString(),
      level,
      message,
      [FIELDS.serviceName]: service,
      ...(traceId === undefined ? {} : { [FIELDS.traceId]: traceId }),
      ...(spanId === undefined ? {} : { [FIELDS.spanId]: spanId }),
      ...(record.eventName ? { 'event.name': record.eventName } : {}),
      ...own,
    },
  };
}

/** Undefined for an id that is missing, or not valid for being all zero. */
function idOf(id: string | undefined, digits: number): string | undefined {
  const hex = hexId(id || undefined, digits);
  return hex.length === digits && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(hex) ? hex : undefined;
}

function levelOf({ severityNumber, severityText }: OtlpLogRecord): string {
  if (severityText) return severityText.toLowerCase();
  const number = Number(severityNumber ?? 0);
  return number > 0 ? (LEVELS[Math.floor((number - 1) / 4)] ?? 'info') : 'info';
}

function messageOf({ body, eventName }: OtlpLogRecord): string {
  const value = plain(body);
  if (value === undefined) return eventName ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * OTLP in protocol buffers, as the objects that its JSON would be.
 *
 * @module
 */
import type { Root } from 'protobufjs/light.js';

/** The messages that are read or written, by the names of opentelemetry-proto. */
export type OtlpMessage = 'ExportTraceServiceRequest' | 'ExportLogsServiceRequest';

/** `[id, type]` of each field that is read, and `repeated` before the type where it is. */
type Fields = Readonly<Record<string, readonly [id: number, type: string]>>;

/** What of opentelemetry-proto 1.x is read; fields that are not here are passed over. */
const MESSAGES: Readonly<Record<string, Fields>> = {
  ExportTraceServiceRequest: { resourceSpans: [1, 'repeated ResourceSpans'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'repeated ScopeSpans'] },
  ScopeSpans: { spans: [2, 'repeated Span'] },
  Span: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'repeated KeyValue'],
    events: [11, 'repeated Event'],
    status: [15, 'Status'],
  },
  Event: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'repeated KeyValue'],
  },
  Status: { message: [2, 'string'], code: [3, 'int32'] },
  ExportLogsServiceRequest: { resourceLogs: [1, 'repeated ResourceLogs'] },
  ResourceLogs: { resource: [1, 'Resource'], scopeLogs: [2, 'repeated ScopeLogs'] },
  ScopeLogs: { logRecords: [2, 'repeated LogRecord'] },
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'int32'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'repeated KeyValue'],
    traceId: [9, 'bytes'],
    spanId: [10, 'bytes'],
    observedTimeUnixNano: [11, 'fixed64'],
    eventName: [12, 'string'],
  },
  Resource: { attributes: [1, 'repeated KeyValue'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
    kvlistValue: [6, 'KeyValueList'],
    bytesValue: [7, 'bytes'],
  },
  ArrayValue: { values: [1, 'repeated AnyValue'] },
  KeyValueList: { values: [1, 'repeated KeyValue'] },
};

/** Which of these is set counts, also where its value is the default. */
const ONE_OF = { AnyValue: { oneofs: { value: { oneof: Object.keys(MESSAGES.AnyValue ?? {}) } } } };

let loading: Promise<Root> | undefined;

/** Loaded with the first body of its kind: a process that is sent JSON only never needs it. */
function schema(): Promise<Root> {
  loading ??= import('protobufjs/light.js').then((module) => {
    const nested = Object.entries(MESSAGES).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [id, type]]) => {
            const repeated = type.startsWith('repeated ');
            const plain = { id, type: type.replace('repeated ', '') };
            return [field, repeated ? { ...plain, rule: 'repeated' } : plain];
          }),
        ),
        ...(message === 'AnyValue' ? ONE_OF.AnyValue : {}),
      },
    ]);
    return module.default.Root.fromJSON({ nested: Object.fromEntries(nested) });
  });
  return loading;
}

/**
 * Reads a message. Numbers of 64 bits come as text and bytes as base64, which is how protocol
 * buffers write themselves in JSON.
 *
 * @throws {Error} on bytes that are no message
 */
export async function readProtobuf(message: OtlpMessage, bytes: Uint8Array): Promise<object> {
  const type = (await schema()).lookupType(message);
  return type.toObject(type.decode(bytes), { longs: String, bytes: String });
}

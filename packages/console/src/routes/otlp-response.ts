/**
 * What OTLP/HTTP responds, in JSON and in protocol buffers. The messages have two fields at most, so
 * that they are written by hand.
 *
 * @module
 */
import type { OtlpSignals } from '@breakwater/timeline';

const REFUSED = {
  traces: { count: 'rejectedSpans', what: 'spans' },
  logs: { count: 'rejectedLogRecords', what: 'log records' },
} as const;

/** Wire type 2: what has a length. */
const BYTES = 2;

/**
 * An export of which all was taken, or `refused` of its items were not: those are not to be sent
 * again (OTLP 1.9, "Partial Success").
 */
export function partialSuccess(
  signal: keyof OtlpSignals,
  refused: number,
): { json: object; protobuf: Uint8Array<ArrayBuffer> } {
  if (refused === 0) return { json: {}, protobuf: new Uint8Array() };
  const { count, what } = REFUSED[signal];
  const errorMessage = `${refused} ${what} were not taken: each may have 64 KiB, and needs valid ids and times.`;
  // ExportTracePartialSuccess: 1 is the count, 2 the message; 1 of the response is that message.
  const partial = [...varint(1 << 3), ...varint(refused), ...field(2, bytesOf(errorMessage))];
  return {
    // Numbers of 64 bits are text in the JSON of protocol buffers.
    json: { partialSuccess: { [count]: String(refused), errorMessage } },
    protobuf: Uint8Array.from(field(1, partial)),
  };
}

/** `google.rpc.Status` with a message: 2. Its code may be left out. */
export function errorStatus(message: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(field(2, bytesOf(message)));
}

function field(number: number, bytes: readonly number[]): number[] {
  return [...varint((number << 3) | BYTES), ...varint(bytes.length), ...bytes];
}

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

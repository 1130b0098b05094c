/**
 * The spans of an `ExportTraceServiceRequest`, found by skipping over all else.
 *
 * @module
 */

/** What the benchmark wants to know of a span. */
export interface SpanSummary {
  readonly traceId: string;
  /** `SpanKind` of OTLP: 2 is SERVER. */
  readonly kind: number;
  /** `StatusCode` of OTLP: 2 is ERROR. */
  readonly status: number;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** The bytes of every `Span` of a request. */
export function* spansOf(request: Buffer): Generator<Buffer> {
  for (const resourceSpans of messages(request, 1)) {
    for (const scopeSpans of messages(resourceSpans, 2)) yield* messages(scopeSpans, 2);
  }
}

export function summarizeSpan(span: Buffer): SpanSummary {
  let traceId = '';
  let kind = 0;
  let status = 0;
  for (const [field, value] of fields(span)) {
    if (field === 1) traceId = (value as Buffer).toString('hex');
    else if (field === 6) kind = value as number;
    else if (field === 15) {
      for (const [inner, code] of fields(value as Buffer)) if (inner === 3) status = code as number;
    }
  }
  return { traceId, kind, status };
}

function* messages(bytes: Buffer, wanted: number): Generator<Buffer> {
  for (const [field, value] of fields(bytes)) {
    if (field === wanted && typeof value === 'object') yield value;
  }
}

/** Fields of a message in the order they were written; fixed ones as `undefined`. */
function* fields(bytes: Buffer): Generator<[field: number, value: Buffer | number | undefined]> {
  let at = 0;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag & 7;
    const field = tag >>> 3;
    if (type === VARINT) yield [field, varint()];
    else if (type === BYTES) {
      const end = varint() + at;
      yield [field, bytes.subarray(at, end)];
      at = end;
    } else {
      at += type === FIXED64 ? 8 : 4;
      yield [field, undefined];
    }
  }
}

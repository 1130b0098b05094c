/**
 * Reads traces in OTLP/JSON, which Jaeger answers with and exporters send.
 *
 * @module
 */
import type { Span, SpanKind, Trace } from './model.ts';
import { attributes, hexId, type KeyValue, milliseconds } from './otlp-values.ts';

interface OtlpSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number | string;
  readonly startTimeUnixNano?: string | number;
  readonly endTimeUnixNano?: string | number;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly {
    readonly name?: string;
    readonly timeUnixNano?: string | number;
    readonly attributes?: readonly KeyValue[];
  }[];
  readonly status?: { readonly code?: number | string; readonly message?: string };
}

/** The part of an OTLP trace payload that is read; every field may be missing. */
export interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

const KINDS: readonly SpanKind[] = [
  'internal',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

/** The traces in a payload, by id; a span that came twice is kept once. */
export function readOtlp(payload: OtlpTraces): Map<string, Trace> {
  const byTrace = new Map<string, Map<string, Span>>();
  for (const { resource, scopeSpans = [] } of payload.resourceSpans ?? []) {
    const service = String(attributes(resource?.attributes)['service.name'] ?? 'unknown');
    for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
      const traceId = hexId(span.traceId, 32);
      const spans = byTrace.get(traceId) ?? new Map<string, Span>();
      const read = readSpan(span, service);
      spans.set(read.spanId, read);
      byTrace.set(traceId, spans);
    }
  }
  return new Map(
    [...byTrace].map(([traceId, spans]) => [
      traceId,
      { traceId, spans: [...spans.values()].sort((a, b) => a.startMs - b.startMs) },
    ]),
  );
}

function readSpan(span: OtlpSpan, service: string): Span {
  const startMs = milliseconds(span.startTimeUnixNano);
  const parent = span.parentSpanId ? hexId(span.parentSpanId, 16) : '';
  return {
    spanId: hexId(span.spanId, 16),
    parentId: /[1-9a-f]/.test(parent) ? parent : undefined,
    service,
    name: String(span.name ?? ''),
    kind: readKind(span.kind),
    startMs,
    durationMs: Math.max(0, milliseconds(span.endTimeUnixNano) - startMs),
    failed: span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR',
    ...(span.status?.message ? { statusMessage: String(span.status.message) } : {}),
    attributes: attributes(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: String(event.name ?? ''),
      timeMs: milliseconds(event.timeUnixNano),
      attributes: attributes(event.attributes),
    })),
  };
}

function readKind(kind: number | string | undefined): SpanKind {
  if (typeof kind === 'number') return KINDS[kind] ?? 'internal';
  const name = kind?.replace('SPAN_KIND_', '').toLowerCase();
  return KINDS.find((known) => known === name) ?? 'internal';
}

/**
 * The newest traces, in memory and within bounds.
 *
 * @module
 */
import type { Bound, Span, Trace } from '../model.ts';
import { type OtlpTraces, readOtlp } from '../otlp.ts';
import type { TraceSource } from '../sources.ts';
import { OtlpBodyError } from './otlp-body.ts';

export interface TraceRingOptions {
  /** Bytes of all spans as text. Default: 12 MiB. */
  readonly maxBytes?: number;
  /** Default: 10,000. */
  readonly maxTraces?: number;
  /** Spans of one trace; further ones are dropped. Default: 2,000. */
  readonly maxSpansOfTrace?: number;
}

/** Bytes of one span as text. Exceptions and their stacks are in the log, so spans are small. */
const MAX_SPAN_BYTES = 64 * 1024;
/** What keeping a span takes beside its text, about. */
const OVERHEAD_BYTES = 256;
const DAY_MS = 24 * 3_600_000;

/** A trace as it is kept: spans as text, which the garbage collector need not look into. */
class KeptTrace {
  readonly spans = new Map<string, string>();
  bytes = 0;
  failed = false;
}

/**
 * A trace leaves with all its spans, the oldest first. Failed ones are what people look for: they
 * leave only when they fill half of the ring, or nothing else is left.
 */
export class TraceRing implements TraceSource {
  readonly #maxBytes: number;
  readonly #maxTraces: number;
  readonly #maxSpansOfTrace: number;
  /** In order of arrival. A trace that fails moves to the end of the other map. */
  readonly #fine = new Map<string, KeptTrace>();
  readonly #failed = new Map<string, KeptTrace>();
  #bytes = 0;
  #failedBytes = 0;
  #spans = 0;
  #evicted = 0;
  #dropped = 0;

  constructor(options: TraceRingOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 12 * 1024 * 1024;
    this.#maxTraces = options.maxTraces ?? 10_000;
    this.#maxSpansOfTrace = options.maxSpansOfTrace ?? 2_000;
  }

  /**
   * Takes the spans of one export.
   *
   * @throws {OtlpBodyError} 400 when it cannot be read; nothing of it is kept then
   */
  add(payload: OtlpTraces): void {
    let traces: Map<string, Trace>;
    try {
      traces = readOtlp(payload);
    } catch (cause) {
      throw new OtlpBodyError(400, 'The body is no ExportTraceServiceRequest.', cause);
    }
    for (const { traceId, spans } of traces.values()) {
      for (const span of spans) this.#keep(traceId, span);
    }
    this.#makeRoom();
  }

  async get(traceId: string): Promise<Trace | undefined> {
    const kept = this.#fine.get(traceId) ?? this.#failed.get(traceId);
    if (!kept) return undefined;
    const spans = [...kept.spans.values()].map((text) => JSON.parse(text) as Span);
    return { traceId, spans: spans.sort((a, b) => a.startMs - b.startMs) };
  }

  /** How full it is. */
  bounds(): Bound[] {
    const evicted = { atLimit: 'The oldest traces go, failed ones last.', dropped: this.#evicted };
    return [
      {
        name: 'traces',
        used: this.#fine.size + this.#failed.size,
        limit: this.#maxTraces,
        unit: 'count',
        ...evicted,
      },
      {
        name: 'bytes of spans',
        used: this.#bytes,
        limit: this.#maxBytes,
        unit: 'bytes',
        ...evicted,
      },
      {
        name: 'spans of one trace',
        used: Math.max(0, ...this.#sizes()),
        limit: this.#maxSpansOfTrace,
        unit: 'count',
        atLimit: 'Further spans of it are dropped, as is a span above 64 KiB or without an id.',
        dropped: this.#dropped,
      },
    ];
  }

  /** Spans that are kept. */
  get size(): number {
    return this.#spans;
  }

  *#sizes(): Generator<number> {
    for (const { spans } of this.#fine.values()) yield spans.size;
    for (const { spans } of this.#failed.values()) yield spans.size;
  }

  #keep(traceId: string, span: Span): void {
    const text = JSON.stringify(span);
    let kept = this.#fine.get(traceId) ?? this.#failed.get(traceId);
    const full = (kept?.spans.size ?? 0) >= this.#maxSpansOfTrace;
    if (!isReadable(traceId, span) || text.length > MAX_SPAN_BYTES || full) {
      this.#dropped++;
      return;
    }
    if (!kept) {
      kept = new KeptTrace();
      this.#fine.set(traceId, kept);
    }
    const before = kept.spans.get(span.spanId);
    this.#resize(kept, sizeOf(text) - (before === undefined ? 0 : sizeOf(before)));
    this.#spans += before === undefined ? 1 : 0;
    kept.spans.set(span.spanId, text);
    if (!kept.failed && isFailure(span)) {
      kept.failed = true;
      this.#fine.delete(traceId);
      this.#failed.set(traceId, kept);
      this.#failedBytes += kept.bytes;
    }
  }

  #resize(kept: KeptTrace, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
    if (kept.failed) this.#failedBytes += bytes;
  }

  #makeRoom(): void {
    while (this.#bytes > this.#maxBytes || this.#fine.size + this.#failed.size > this.#maxTraces) {
      const crowded =
        this.#failedBytes > this.#maxBytes / 2 || this.#failed.size > this.#maxTraces / 2;
      const from = crowded || this.#fine.size === 0 ? this.#failed : this.#fine;
      const [oldest] = from;
      if (!oldest) return;
      const [traceId, kept] = oldest;
      from.delete(traceId);
      this.#resize(kept, -kept.bytes);
      this.#spans -= kept.spans.size;
      this.#evicted++;
    }
  }
}

/** A character beyond Latin-1 makes the whole text twice as large; hardly any span has one. */
function sizeOf(text: string): number {
  return text.length + OVERHEAD_BYTES;
}

function isReadable(traceId: string, { spanId, startMs, durationMs }: Span): boolean {
  const identified = /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId);
  return identified && Number.isFinite(startMs) && durationMs >= 0 && durationMs < DAY_MS;
}

/** 4xx leaves a span's status unset, and is a failure all the same. */
function isFailure({ failed, attributes }: Span): boolean {
  return failed || Number(attributes['http.response.status_code']) >= 400;
}

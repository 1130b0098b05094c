/**
 * The newest traces, in memory and within bounds.
 *
 * @module
 */

import { answerFields } from '../answer-fields.ts';
import { answeredSpan } from '../answered-span.ts';
import type { Bound, Span, Trace } from '../model.ts';
import { type OtlpTraces, readOtlp } from '../otlp.ts';
import type { Findings, TraceSource } from '../sources.ts';
import { KeptAnswers } from './kept-answers.ts';
import { OtlpBodyError } from './otlp-body.ts';

export interface TraceRingOptions {
  /** Bytes of all spans as text. Default: 12 MiB. */
  readonly maxBytes?: number;
  /** Default: 10,000. */
  readonly maxTraces?: number;
  /** Spans of one trace; further ones are dropped. Default: 2,000. */
  readonly maxSpansOfTrace?: number;
  /** Wall clock, in Unix milliseconds. */
  readonly now?: () => number;
}

/** Bytes of one span as text. Exceptions and their stacks are in the log, so spans are small. */
const MAX_SPAN_BYTES = 64 * 1024;
/** What keeping a span takes beside its text, about. */
const OVERHEAD_BYTES = 256;
const DAY_MS = 24 * 3_600_000;
/** Ids of evicted traces that are remembered: their last spans may come after. */
const MAX_EVICTED_IDS = 1_000;

/** A trace as it is kept: spans as text, which the garbage collector need not look into. */
class KeptTrace {
  readonly spans = new Map<string, string>();
  readonly failures = new Set<string>();
  bytes = 0;
  dropped = 0;

  get failed(): boolean {
    return this.failures.size > 0;
  }
}

/**
 * A trace leaves with all its spans, the oldest first. Failed ones are what people look for: they
 * leave only when they fill half of the ring, or nothing else is left.
 */
export class TraceRing implements TraceSource {
  /** The answers that SERVER spans tell of. */
  readonly answers = new KeptAnswers();
  readonly #maxBytes: number;
  readonly #maxTraces: number;
  readonly #maxSpansOfTrace: number;
  readonly #now: () => number;
  readonly #sinceMs: number;
  /** In order of arrival. A trace that fails moves to the end of the other map. */
  readonly #fine = new Map<string, KeptTrace>();
  readonly #failed = new Map<string, KeptTrace>();
  #bytes = 0;
  #failedBytes = 0;
  #spans = 0;
  readonly #evictedIds = new Set<string>();
  #evicted = 0;
  #dropped = 0;

  constructor(options: TraceRingOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 12 * 1024 * 1024;
    this.#maxTraces = options.maxTraces ?? 10_000;
    this.#maxSpansOfTrace = options.maxSpansOfTrace ?? 2_000;
    this.#now = options.now ?? Date.now;
    this.#sinceMs = this.#now();
  }

  /**
   * Takes the spans of one export.
   *
   * @returns how many were not taken, for being larger than 64 KiB, or without valid ids and times
   * @throws {OtlpBodyError} 400 when it cannot be read; nothing of it is kept then
   */
  add(payload: OtlpTraces): number {
    let traces: Map<string, Trace>;
    try {
      traces = readOtlp(payload);
    } catch (cause) {
      throw new OtlpBodyError(400, 'The body is no ExportTraceServiceRequest.', cause);
    }
    let refused = 0;
    for (const { traceId, spans } of traces.values()) {
      for (const span of spans) if (!this.#keep(traceId, span)) refused++;
    }
    this.#makeRoom();
    return refused;
  }

  async get(traceId: string): Promise<Findings<Span>> {
    const kept = this.#fine.get(traceId) ?? this.#failed.get(traceId);
    const found = [...(kept?.spans.values() ?? [])]
      .map((text) => JSON.parse(text) as Span)
      .sort((a, b) => a.startMs - b.startMs);
    const incomplete = this.#missing(traceId, kept);
    return incomplete === undefined ? { found } : { found, incomplete };
  }

  #missing(traceId: string, kept: KeptTrace | undefined): string | undefined {
    if (kept && kept.dropped > 0) {
      return `${kept.dropped} spans of this trace were dropped: ${this.#maxSpansOfTrace} are kept.`;
    }
    if (this.#evictedIds.has(traceId)) return 'Newer traces have taken the place of its spans.';
    if (kept) return undefined;
    const since = `Spans are kept in memory, since ${new Date(this.#sinceMs).toISOString()}`;
    return this.#evicted === 0
      ? `${since}.`
      : `${since}, and ${this.#evicted} older traces have gone.`;
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

  /** @returns whether it is one that can be kept, also where there is no room for it */
  #keep(traceId: string, span: Span): boolean {
    const text = JSON.stringify(span);
    if (!isReadable(traceId, span) || text.length > MAX_SPAN_BYTES) {
      this.#dropped++;
      const known = this.#fine.get(traceId) ?? this.#failed.get(traceId);
      if (known) known.dropped++;
      return false;
    }
    let kept = this.#fine.get(traceId) ?? this.#failed.get(traceId);
    if (!kept) {
      kept = new KeptTrace();
      this.#fine.set(traceId, kept);
    }
    const failure = isFailure(span);
    const before = kept.spans.get(span.spanId);
    if (before === undefined && !this.#hasRoom(kept, failure)) return true;
    const answer = before === undefined ? answeredSpan(traceId, span) : undefined;
    if (answer) this.answers.add(answer);
    this.#resize(kept, sizeOf(text) - (before === undefined ? 0 : sizeOf(before)));
    this.#spans += before === undefined ? 1 : 0;
    kept.spans.set(span.spanId, text);
    if (!failure || kept.failures.has(span.spanId)) return true;
    if (!kept.failed) {
      this.#fine.delete(traceId);
      this.#failed.set(traceId, kept);
      this.#failedBytes += kept.bytes;
    }
    kept.failures.add(span.spanId);
    return true;
  }

  /** Of a trace that is full the oldest span that went well gives way to one that failed. */
  #hasRoom(kept: KeptTrace, failure: boolean): boolean {
    if (kept.spans.size < this.#maxSpansOfTrace) return true;
    kept.dropped++;
    this.#dropped++;
    if (!failure) return false;
    for (const [spanId, text] of kept.spans) {
      if (kept.failures.has(spanId)) continue;
      kept.spans.delete(spanId);
      this.#resize(kept, -sizeOf(text));
      this.#spans--;
      return true;
    }
    return false;
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
      this.#evictedIds.add(traceId);
      const [first] = this.#evictedIds;
      if (first && this.#evictedIds.size > MAX_EVICTED_IDS) this.#evictedIds.delete(first);
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
  return failed || (answerFields(attributes).status ?? 0) >= 400;
}

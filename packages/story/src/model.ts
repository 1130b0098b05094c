/**
 * What is known of one request, whichever backend it was read from.
 *
 * @module
 */

/** Attribute values as OTLP has them, flattened to plain JSON. */
export type Attributes = Readonly<Record<string, unknown>>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Something that happened within a span, such as a transition of a circuit. */
export interface SpanEvent {
  readonly name: string;
  /** Unix time, in milliseconds with fractions. */
  readonly timeMs: number;
  readonly attributes: Attributes;
}

/** One span of a trace. */
export interface Span {
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Unix time, in milliseconds with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Whether the span's status is ERROR. */
  readonly failed: boolean;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
}

/** All spans of a trace that a backend has, in order of their start. */
export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
}

/** One log line as the service wrote it. */
export interface LogLine {
  /** Unix time, in milliseconds. */
  readonly timeMs: number;
  readonly service: string;
  readonly level: string;
  readonly message: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** The code of the error the line is about; only the line of a failed response has one. */
  readonly errorCode: string | undefined;
  /** Every field of the line. */
  readonly fields: Attributes;
}

/** A time series with its present value. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A trace that a metric names. */
export interface Exemplar {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly traceId: string;
  /** Unix time, in milliseconds. */
  readonly timeMs: number;
}

/** A span of time: Unix milliseconds, both ends included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

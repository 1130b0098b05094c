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
  /** What the span's status says of it; absent where it says nothing. */
  readonly statusMessage?: string;
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

/** How a service answered one request, told by the line it wrote, or else by its SERVER span. */
export interface AnsweredRequest {
  /** When it was answered: Unix time, in milliseconds. */
  readonly timeMs: number;
  readonly traceId: string;
  readonly spanId: string | undefined;
  readonly requestId: string;
  readonly service: string;
  readonly method: string;
  readonly route: string;
  /** Undefined of a span that failed without one. */
  readonly status: number | undefined;
  readonly durationMs: number;
  /** Undefined when it succeeded, and of a service that has no codes. */
  readonly errorCode: string | undefined;
  /** The error's message; of a success, the text of its line. */
  readonly message: string;
  /** Present where no line tells of it, but the span. */
  readonly saidBy?: 'span';
}

/** What a service did around one moment. */
export interface TrafficPoint {
  /** Unix time, in milliseconds. */
  readonly timeMs: number;
  /** Requests a second. */
  readonly ratePerS: number;
  /** Answers with a status of 500 and above, a second. */
  readonly serverErrorsPerS: number;
  /** The time within which 99 % are answered, in seconds; undefined when nothing was answered. */
  readonly p99S: number | undefined;
}

/** A service over time, oldest point first. */
export interface ServiceTraffic {
  readonly service: string;
  readonly points: readonly TrafficPoint[];
}

/** The states of a circuit. One breaker with a circuit for each key is in the worst of theirs. */
export type BreakerState = 'closed' | 'open' | 'half_open' | 'isolated';

/** A breaker of one process over time, oldest point first. */
export interface BreakerSeries {
  readonly service: string;
  /** Host and port of the process. */
  readonly instance: string;
  readonly breaker: string;
  readonly points: readonly { readonly timeMs: number; readonly state: BreakerState }[];
}

/** A limit of what is kept in memory. */
export interface Bound {
  /** What is limited, as a person reads it: `spans`, `traces`, `history`. */
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: 'count' | 'bytes' | 'seconds';
  /** What happens at the limit, in one sentence. */
  readonly atLimit: string;
  /** How often it has happened. */
  readonly dropped: number;
}

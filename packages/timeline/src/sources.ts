/**
 * Where traces, log lines and metrics are read from.
 *
 * @module
 */
import type {
  AnsweredRequest,
  Bound,
  BreakerSeries,
  Exemplar,
  LogLine,
  Series,
  ServiceTraffic,
  Span,
  TimeRange,
} from './model.ts';

/** What a source has, and why that may not be all of it. */
export interface Findings<T> {
  readonly found: readonly T[];
  /** Why there may be more, as one sentence; absent when nothing is known to be missing. */
  readonly incomplete?: string;
}

/** Traces by their id. Every reading rejects with a {@link BackendError}. */
export interface TraceSource {
  /** The spans of a trace, oldest first; none while the backend has no span of it. */
  get(traceId: string): Promise<Findings<Span>>;
}

/** Log lines. */
export interface LogSource {
  /** Lines of one trace within a range, oldest first. */
  ofTrace(traceId: string, range: TimeRange): Promise<Findings<LogLine>>;
  /** Every line of every service within a range, oldest first. */
  within(range: TimeRange): Promise<Findings<LogLine>>;
}

/** Metrics. */
export interface MetricSource {
  /** Present values of the series a selector matches. */
  query(selector: string): Promise<Findings<Series>>;
  /** Exemplars of the series a selector matches, published within a range. */
  exemplars(selector: string, range: TimeRange): Promise<Findings<Exemplar>>;
}

/** The three together, and the pages a person opens. */
export interface Sources {
  readonly traces: TraceSource;
  readonly logs: LogSource;
  readonly metrics: MetricSource;
  /** Links to open for a trace, by the name of what they lead to. */
  links(traceId: string): Readonly<Record<string, string>>;
}

/** Which answers are looked for; everything that is given must hold. */
export interface AnswerQuery {
  readonly range: TimeRange;
  /** Most answers that are wanted; the newest ones. */
  readonly limit: number;
  /** Only answers that carried an error code. */
  readonly failedOnly?: boolean;
  readonly traceId?: string;
  /** Traces whose answers are not wanted. */
  readonly exceptTraceIds?: readonly string[];
  readonly requestId?: string;
  readonly errorCode?: string;
  /** Template, as `/items/:id`. */
  readonly route?: string;
  /** A route whose answers are not wanted. */
  readonly exceptRoute?: string;
  readonly service?: string;
}

/** What a page that is looked at all the time needs beyond the timeline of one request. */
export interface LiveSources extends Sources {
  /** Whether telemetry is kept in this process or in backends of its own. */
  readonly kind: 'embedded' | 'backends';
  /** Answers of services, newest first: one for each line that a service wrote for a request. */
  answers(query: AnswerQuery): Promise<Findings<AnsweredRequest>>;
  /** Rate, errors and p99 of every service, a point every `stepMs`. */
  traffic(range: TimeRange, stepMs: number): Promise<ServiceTraffic[]>;
  /** The state of every circuit of every instance, a point every `stepMs`; the last is the present. */
  breakers(range: TimeRange, stepMs: number): Promise<BreakerSeries[]>;
  /** How much telemetry is kept here, and how much of that is used; empty for backends. */
  bounds(): Promise<Bound[]>;
}

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
  TimeRange,
  Trace,
} from './model.ts';

/** Traces by their id. */
export interface TraceSource {
  /** The trace, or undefined while the backend has no span of it. */
  get(traceId: string): Promise<Trace | undefined>;
}

/** Log lines. */
export interface LogSource {
  /** Lines of one trace within a range, oldest first. */
  ofTrace(traceId: string, range: TimeRange): Promise<LogLine[]>;
  /** Every line of every service within a range, oldest first. */
  within(range: TimeRange): Promise<LogLine[]>;
}

/** Metrics. */
export interface MetricSource {
  /** Present values of the series a selector matches. */
  query(selector: string): Promise<Series[]>;
  /** Exemplars of the series a selector matches, published within a range. */
  exemplars(selector: string, range: TimeRange): Promise<Exemplar[]>;
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
  readonly requestId?: string;
  readonly errorCode?: string;
  /** Template, as `/items/:id`. */
  readonly route?: string;
  readonly service?: string;
}

/** What a page that is looked at all the time needs beyond the story of one request. */
export interface LiveSources extends Sources {
  /** Whether telemetry is kept in this process or in backends of its own. */
  readonly kind: 'embedded' | 'backends';
  /** Answers of services, newest first: one for each line that a service wrote for a request. */
  answers(query: AnswerQuery): Promise<AnsweredRequest[]>;
  /** Rate, errors and p99 of every service, a point every `stepMs`. */
  traffic(range: TimeRange, stepMs: number): Promise<ServiceTraffic[]>;
  /** The state of every circuit of every instance, a point every `stepMs`; the last is the present. */
  breakers(range: TimeRange, stepMs: number): Promise<BreakerSeries[]>;
  /** How much telemetry is kept here, and how much of that is used; empty for backends. */
  bounds(): Promise<Bound[]>;
}

/** A backend does not answer, or answers something unreadable. */
export class BackendError extends Error {
  readonly backend: string;
  readonly url: string;

  constructor(backend: string, url: string, problem: string, cause?: unknown) {
    super(`${backend} at ${new URL(url).origin} ${problem}`, { cause });
    this.backend = backend;
    this.url = url;
  }

  override get name(): string {
    return 'BackendError';
  }
}

const TIMEOUT_MS = 10_000;

/**
 * The text a backend answers with; undefined for a 404.
 *
 * @throws {BackendError} when there is no answer in time, or an error.
 */
export async function fetchText(
  backend: string,
  url: string,
  timeoutMs: number = TIMEOUT_MS,
): Promise<string | undefined> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (cause) {
    throw new BackendError(backend, url, 'does not answer', cause);
  }
  if (response.status === 404) return undefined;
  if (!response.ok) {
    throw new BackendError(backend, url, `answered ${response.status}: ${text.slice(0, 200)}`);
  }
  return text;
}

/**
 * The JSON a backend answers with; undefined for a 404.
 *
 * @throws {BackendError} when there is no answer, an error, or no JSON.
 */
export async function fetchJson(backend: string, url: string): Promise<unknown> {
  const text = await fetchText(backend, url);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BackendError(backend, url, 'did not answer with JSON', cause);
  }
}

/**
 * Where traces, log lines and metrics are read from.
 *
 * @module
 */
import type { Exemplar, LogLine, Series, TimeRange, Trace } from './model.ts';

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
 * The JSON a backend answers with; undefined for a 404.
 *
 * @throws {BackendError} when there is no answer, an error, or no JSON.
 */
export async function fetchJson(backend: string, url: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new BackendError(backend, url, 'does not answer', cause);
  }
  if (response.status === 404) return undefined;
  const text = await response.text();
  if (!response.ok) {
    throw new BackendError(backend, url, `answered ${response.status}: ${text.slice(0, 200)}`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BackendError(backend, url, 'did not answer with JSON', cause);
  }
}

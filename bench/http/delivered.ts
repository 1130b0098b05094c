/**
 * What a variant delivered for the requests it had: a fast one that loses half would be no gain.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SpanSummary } from './otlp-spans.ts';

/** What came of the requests of one variant. */
export interface Delivered {
  readonly requests: number;
  /** Lines on standard output. */
  readonly lines: number;
  /** Spans that the collector's stand-in took. */
  readonly spans: number;
  /** Requests that the metrics page counts. */
  readonly counted: number;
  readonly series: number;
  readonly exemplars: number;
  readonly failures: Joined;
}

/** Of how many failed requests each thing can be found by the trace id. */
export interface Joined {
  readonly of: number;
  /** The response says the id. */
  readonly response: number;
  /** Exactly one line of level error has it. */
  readonly line: number;
  /** A SERVER span whose status is ERROR. */
  readonly span: number;
  /** An exemplar; at most one a series can have it. */
  readonly exemplar: number;
}

/** A request that failed, by the trace id that was sent along. */
export interface Failure {
  readonly traceId: string;
  /** Whether a header or the body of the response has the id. */
  readonly told: boolean;
}

/** Sends `count` requests that fail, each in a trace of its own, one after the other. */
export async function failRequests(
  port: number,
  traceIds: readonly string[],
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const traceId of traceIds) {
    const response = await fetch(`http://127.0.0.1:${port}/fail`, {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    const text = [...response.headers.values(), await response.text()].join(' ');
    if (response.status !== 500) throw new Error(`a failing route responded ${response.status}`);
    failures.push({ traceId, told: text.includes(traceId) });
  }
  return failures;
}

/** Counts the lines of a file, and those that say an error of each trace. */
export async function readLines(
  file: string,
  traceIds: readonly string[],
): Promise<{ lines: number; errors: ReadonlyMap<string, number> }> {
  const errors = new Map<string, number>(traceIds.map((id) => [id, 0]));
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    lines++;
    // winston writes the level's name, pino its number.
    if (!/"level":("error"|50)/.test(line)) continue;
    const id = /"trace_id":"([0-9a-f]{32})"/.exec(line)?.[1] ?? '';
    const count = errors.get(id);
    if (count !== undefined) errors.set(id, count + 1);
  }
  return { lines, errors };
}

/** Reads a page of Prometheus text or OpenMetrics. */
export function readPage(page: string): Pick<Delivered, 'counted' | 'series' | 'exemplars'> {
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const requests = samples.filter((line) =>
    /^http_(server_)?request_duration_seconds_count/.test(line),
  );
  return {
    counted: requests.reduce((sum, line) => sum + Number(/\} (\d+)/.exec(line)?.[1] ?? 0), 0),
    series: samples.length,
    exemplars: samples.filter((line) => line.includes(' # {')).length,
  };
}

export function join(
  failures: readonly Failure[],
  errors: ReadonlyMap<string, number>,
  spans: readonly SpanSummary[],
  page: string,
): Joined {
  const failed = new Set(
    spans.filter(({ kind, status }) => kind === 2 && status === 2).map(({ traceId }) => traceId),
  );
  const count = (of: (failure: Failure) => boolean) => failures.filter(of).length;
  return {
    of: failures.length,
    response: count(({ told }) => told),
    line: count(({ traceId }) => errors.get(traceId) === 1),
    span: count(({ traceId }) => failed.has(traceId)),
    exemplar: count(({ traceId }) => page.includes(`trace_id="${traceId}"`)),
  };
}

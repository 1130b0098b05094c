/**
 * Log lines from Loki's query API.
 *
 * @module
 */
import { compareLines, parseLogLine } from './log-line.ts';
import type { LogLine, TimeRange } from './model.ts';
import { fetchJson, type LogSource } from './sources.ts';

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly [string, string][] }[] };
}

/** Most lines Loki answers in one query by default (`max_entries_limit_per_query`). */
const PAGE = 5_000;

/** Reads the lines of every service of a namespace. */
export function loki(baseUrl: string, namespace = 'breakwater'): LogSource {
  const stream = `{service_namespace="${namespace}"}`;

  async function page(query: string, fromNs: bigint, toNs: bigint): Promise<[string, string][]> {
    const parameters = new URLSearchParams({
      query,
      start: String(fromNs),
      end: String(toNs),
      limit: String(PAGE),
      direction: 'forward',
    });
    const answer = await fetchJson('Loki', `${baseUrl}/loki/api/v1/query_range?${parameters}`);
    return (answer as Streams).data.result.flatMap(({ values }) => values);
  }

  /** Pages by time; the last nanosecond of a full page is read again, and its lines kept once. */
  async function all(query: string, { fromMs, toMs }: TimeRange): Promise<LogLine[]> {
    const lines = new Map<string, LogLine>();
    const end = BigInt(Math.ceil(toMs)) * 1_000_000n + 1n;
    let start = BigInt(Math.floor(fromMs)) * 1_000_000n;
    for (;;) {
      const values = await page(query, start, end);
      for (const [time, text] of values) {
        const line = parseLogLine(text);
        if (line) lines.set(`${time} ${text}`, line);
      }
      const last = BigInt(
        values
          .map(([time]) => time)
          .sort()
          .at(-1) ?? start,
      );
      if (values.length < PAGE || last === start) break;
      start = last;
    }
    return [...lines.values()].sort(compareLines);
  }

  return {
    ofTrace: (traceId, range) => all(`${stream} | trace_id="${traceId}"`, range),
    within: (range) => all(stream, range),
  };
}

/**
 * Log lines from Loki's query API.
 *
 * @module
 */
import { FIELDS } from '@breakwater/otel';
import { answeredRequest, compareLines, parseLogLine } from './log-line.ts';
import type { AnsweredRequest, LogLine, TimeRange } from './model.ts';
import { type AnswerQuery, fetchJson, type LogSource } from './sources.ts';

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly [string, string][] }[] };
}

/** Most lines Loki answers in one query by default (`max_entries_limit_per_query`). */
const PAGE = 5_000;

/** Lines of Loki, and the answers among them. */
export interface LokiSource extends LogSource {
  /** See {@link LiveSources.answers}. */
  answers(query: AnswerQuery): Promise<AnsweredRequest[]>;
}

/** Reads the lines of every service of a namespace. */
export function loki(baseUrl: string, namespace = 'breakwater'): LokiSource {
  const stream = `{service_namespace="${namespace}"}`;

  async function page(
    query: string,
    fromNs: bigint,
    toNs: bigint,
    limit = PAGE,
    direction: 'forward' | 'backward' = 'forward',
  ): Promise<[string, string][]> {
    const parameters = new URLSearchParams({
      query,
      start: String(fromNs),
      end: String(toNs),
      limit: String(limit),
      direction,
    });
    const answer = await fetchJson('Loki', `${baseUrl}/loki/api/v1/query_range?${parameters}`);
    return (answer as Streams).data.result.flatMap(({ values }) => values);
  }

  /** Pages by time; the last nanosecond of a full page is read again, and its lines kept once. */
  async function all(query: string, { fromMs, toMs }: TimeRange): Promise<LogLine[]> {
    const lines = new Map<string, LogLine>();
    const end = nanoseconds(Math.ceil(toMs)) + 1n;
    let start = nanoseconds(Math.floor(fromMs));
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
    async answers(query) {
      const { fromMs, toMs } = query.range;
      const [from, to] = [nanoseconds(Math.floor(fromMs)), nanoseconds(Math.ceil(toMs)) + 1n];
      const values = await page(answerQuery(stream, query), from, to, query.limit, 'backward');
      return values
        .flatMap(([, text]) => parseLogLine(text) ?? [])
        .flatMap((line) => answeredRequest(line) ?? [])
        .sort((a, b) => b.timeMs - a.timeMs);
    },
  };
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(milliseconds) * 1_000_000n;
}

/** A field of a line is structured metadata, under its name with `_` for `.`. */
function answerQuery(stream: string, query: AnswerQuery): string {
  const wanted = {
    service_name: query.service,
    [FIELDS.traceId]: query.traceId,
    [FIELDS.requestId]: query.requestId,
    [FIELDS.errorCode]: query.errorCode,
    [FIELDS.route]: query.route,
  };
  const filters = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [`${metadata(field)}=${JSON.stringify(value)}`],
  );
  if (query.failedOnly) filters.push(`${metadata(FIELDS.errorCode)}!=""`);
  return [stream, `${metadata(FIELDS.statusCode)}!=""`, ...filters].join(' | ');
}

function metadata(field: string): string {
  return field.replaceAll('.', '_');
}

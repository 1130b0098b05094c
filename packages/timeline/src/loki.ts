/**
 * Log lines from Loki's query API.
 *
 * @module
 */
import { FIELDS } from '@breakwater/telemetry/core';
import { ask } from './backend-error.ts';
import { answeredRequest, compareLines, parseLogLine } from './log-line.ts';
import type { AnsweredRequest, LogLine, TimeRange } from './model.ts';
import { RPC_FIELDS } from './names.ts';
import type { AnswerQuery, Findings, LogSource } from './sources.ts';

interface Streams {
  readonly status: string;
  readonly data: { readonly result: readonly { readonly values: readonly [string, string][] }[] };
  /** What Loki says when it left something out. */
  readonly warnings?: readonly string[] | null;
}

/** Most lines Loki answers in one query by default (`max_entries_limit_per_query`). */
const PAGE = 5_000;
/** Lines of one trace that are read; a request over all services has about 10. */
const MAX_OF_TRACE = 20_000;

/** Lines of Loki, and the answers among them. */
export interface LokiSource extends LogSource {
  /** See {@link LiveSources.answers}. */
  answers(query: AnswerQuery): Promise<Findings<AnsweredRequest>>;
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
  ) {
    const parameters = new URLSearchParams({
      query,
      start: String(fromNs),
      end: String(toNs),
      limit: String(limit),
      direction,
    });
    const url = `${baseUrl}/loki/api/v1/query_range?${parameters}`;
    const page = await ask({ backend: 'Loki', url, read: readStreams });
    return page ?? { values: [], warnings: [] };
  }

  /** Pages by time; the last nanosecond of a full page is read again, and its lines kept once. */
  async function all(
    query: string,
    { fromMs, toMs }: TimeRange,
    most = Number.POSITIVE_INFINITY,
  ): Promise<Findings<LogLine>> {
    const lines = new Map<string, LogLine>();
    const missing = new Set<string>();
    const end = nanoseconds(Math.ceil(toMs)) + 1n;
    let start = nanoseconds(Math.floor(fromMs));
    for (;;) {
      const { values, warnings } = await page(query, start, end);
      for (const warning of warnings) missing.add(`Loki says: ${warning}.`);
      for (const [time, text] of values) {
        const line = parseLogLine(text);
        if (line) lines.set(`${time} ${text}`, line);
      }
      if (values.length < PAGE) break;
      const last = values.reduce((max, [time]) => (BigInt(time) > max ? BigInt(time) : max), 0n);
      if (last === start || lines.size >= most) {
        missing.add(`Loki has more than the ${lines.size} lines that were read.`);
        break;
      }
      start = last;
    }
    const found = [...lines.values()].sort(compareLines);
    return missing.size === 0 ? { found } : { found, incomplete: [...missing].join(' ') };
  }

  return {
    ofTrace: (traceId, range) => all(`${stream} | trace_id="${traceId}"`, range, MAX_OF_TRACE),
    within: (range) => all(stream, range),
    async answers(query) {
      const { fromMs, toMs } = query.range;
      const [from, to] = [nanoseconds(Math.floor(fromMs)), nanoseconds(Math.ceil(toMs)) + 1n];
      const logQl = answerQuery(stream, query);
      const { values, warnings } = await page(logQl, from, to, query.limit, 'backward');
      const found = values
        .flatMap(([, text]) => parseLogLine(text) ?? [])
        .flatMap((line) => answeredRequest(line) ?? [])
        .sort((a, b) => b.timeMs - a.timeMs);
      return warnings.length === 0
        ? { found }
        : { found, incomplete: `Loki says: ${warnings.join('; ')}.` };
    },
  };
}

/** @throws {TypeError} for anything but streams of lines */
function readStreams(json: unknown) {
  const { status, data, warnings } = json as Streams;
  if (status !== 'success') throw new TypeError('no success');
  const values = data.result.flatMap((each) => each.values);
  const readable = values.every(([time, text]) => /^\d+$/.test(time) && typeof text === 'string');
  if (!readable) throw new TypeError('no lines');
  return { values, warnings: warnings ?? [] };
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
  };
  const filters = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [`${metadata(field)}=${JSON.stringify(value)}`],
  );
  if (query.route !== undefined) {
    const ofHttp = `${metadata(FIELDS.route)}=${JSON.stringify(query.route)}`;
    const ofRpc = `${metadata(RPC_FIELDS.method)}=${JSON.stringify(query.route.slice(1))}`;
    filters.push(`${ofHttp} or ${ofRpc}`);
  }
  if (query.exceptRoute !== undefined) {
    filters.push(`${metadata(FIELDS.route)}!=${JSON.stringify(query.exceptRoute)}`);
  }
  for (const traceId of query.exceptTraceIds ?? []) {
    filters.push(`${FIELDS.traceId}!=${JSON.stringify(traceId)}`);
  }
  if (query.failedOnly) filters.push(`${metadata(FIELDS.errorCode)}!=""`);
  const statuses = [FIELDS.statusCode, RPC_FIELDS.status];
  const ofRequest = statuses.map((field) => `${metadata(field)}!=""`).join(' or ');
  return [stream, ofRequest, ...filters].join(' | ');
}

function metadata(field: string): string {
  return field.replaceAll('.', '_');
}

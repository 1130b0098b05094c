/**
 * A list of responses, newest first: by their lines, or by metrics where no line can be read.
 *
 * @module
 */
import { type Evidence, gather } from './evidence.ts';
import type { AnsweredRequest, Exemplar } from './model.ts';
import { READ_METRICS } from './names.ts';
import { outermostOf } from './nesting.ts';
import type { AnswerQuery, LiveSources } from './sources.ts';

/** One response of the list; what only a metric tells of has neither message nor request id. */
export interface ListedAnswer extends Partial<Omit<AnsweredRequest, 'saidBy'>> {
  readonly timeMs: number;
  readonly traceId: string;
  readonly service: string;
  readonly saidBy: 'line' | 'span' | 'metric';
}

/** The list, and what it is worth. */
export interface AnswerList {
  readonly answers: readonly ListedAnswer[];
  readonly lines: Evidence;
  /** Asked only where lines are missing. */
  readonly metrics?: Evidence;
  /** How many more are known of a trace than are listed. */
  readonly more: ReadonlyMap<string, number>;
}

/** Lines that are read for one response of the list: a failure has one in each service. */
const LINES_EACH = 10;
/** A trace with more lines than this in one reading would crowd out the others. */
const CROWD = 20;
const MAX_READINGS = 4;
/** Responses of one trace that are listed. */
const MAX_OF_TRACE = 3;
const PATIENCE_MS = 5_000;

/**
 * Reads at most `limit` responses: of each request the one that the outermost service gave, but
 * where a service is asked for, its own. A trace that a client fills with requests takes three
 * places, and hides no other.
 */
export async function readAnswers(sources: LiveSources, query: AnswerQuery): Promise<AnswerList> {
  const { found, evidence } = await readLines(sources, query);
  const byLine = found.map((answer): ListedAnswer => ({ saidBy: 'line', ...answer }));
  const readable = evidence.state !== 'failed' && evidence.state !== 'incomplete';
  const { requestId, failedOnly = false } = query;
  if (readable || !failedOnly || requestId !== undefined) {
    return { ...list(byLine, query.limit), lines: evidence };
  }
  const counted = await readExemplars(sources, query);
  const known = new Set(byLine.map(keyOf));
  const others = counted.found.filter((answer) => !known.has(keyOf(answer)));
  return {
    ...list([...byLine, ...others], query.limit),
    lines: evidence,
    metrics: counted.evidence,
  };
}

async function readLines(sources: LiveSources, query: AnswerQuery) {
  const limit = query.limit * LINES_EACH;
  const all: AnsweredRequest[] = [];
  const crowded: string[] = [];
  for (let reading = 0; ; reading++) {
    const asked = { ...query, limit, exceptTraceIds: [...crowded] };
    const { found, evidence } = await gather(
      'The log lines',
      () => sources.answers(asked),
      PATIENCE_MS,
    );
    all.push(...found);
    const crowds = [...Map.groupBy(found, ({ traceId }) => traceId)]
      .filter(([, answers]) => answers.length > CROWD)
      .map(([traceId]) => traceId);
    crowded.push(...crowds);
    const done = crowds.length === 0 || found.length < limit || reading + 1 >= MAX_READINGS;
    if (done) return { found: query.service ? all : outermost(all), evidence };
  }
}

/** Of each trace the responses that were given inside no other. */
function outermost(answers: readonly AnsweredRequest[]): AnsweredRequest[] {
  return [...Map.groupBy(answers, ({ traceId }) => traceId).values()].flatMap((ofTrace) =>
    outermostOf(
      ofTrace.map((answer) => ({
        service: answer.service,
        startMs: answer.timeMs - answer.durationMs,
        endMs: answer.timeMs,
        answer,
      })),
    ).map(({ answer }) => answer),
  );
}

/** The newest, and of each trace no more than its share. */
function list(answers: readonly ListedAnswer[], limit: number) {
  const shown: ListedAnswer[] = [];
  const counts = new Map<string, number>();
  for (const answer of answers.toSorted((a, b) => b.timeMs - a.timeMs)) {
    const count = (counts.get(answer.traceId) ?? 0) + 1;
    counts.set(answer.traceId, count);
    if (count <= MAX_OF_TRACE) shown.push(answer);
  }
  const more = [...counts].flatMap(([traceId, count]): [string, number][] =>
    count > MAX_OF_TRACE ? [[traceId, count - MAX_OF_TRACE]] : [],
  );
  return { answers: shown.slice(0, limit), more: new Map(more) };
}

/** Failures that metrics name a trace of: one for each series and scrape, and so not all. */
async function readExemplars(sources: LiveSources, query: AnswerQuery) {
  const read = (metric: string) =>
    gather('The metrics', () => sources.metrics.exemplars(metric, query.range), PATIENCE_MS);
  const [errors, durations] = await Promise.all([
    read(READ_METRICS.errors),
    read(`${READ_METRICS.requestDuration}_bucket`),
  ]);
  const measured = new Map(durations.found.map((exemplar) => [placeOf(exemplar), exemplar.labels]));
  const found = errors.found
    .map((exemplar): ListedAnswer => {
      const { labels, timeMs, traceId } = exemplar;
      const { http_request_method, http_response_status_code } =
        measured.get(placeOf(exemplar)) ?? {};
      return {
        ...{ timeMs, traceId, service: labels.service_name ?? 'unknown', saidBy: 'metric' },
        ...(labels.http_route === undefined ? {} : { route: labels.http_route }),
        ...(labels.error_code === undefined ? {} : { errorCode: labels.error_code }),
        ...(http_request_method === undefined ? {} : { method: http_request_method }),
        ...(http_response_status_code ? { status: Number(http_response_status_code) } : {}),
      };
    })
    .filter(
      ({ route, errorCode, service, traceId }) =>
        (query.route ?? route) === route &&
        route !== query.exceptRoute &&
        (query.errorCode ?? errorCode) === errorCode &&
        (query.service ?? service) === service &&
        (query.traceId ?? traceId) === traceId,
    );
  return { found, evidence: errors.evidence };
}

function placeOf({ traceId, labels }: Exemplar): string {
  return `${traceId} ${labels.service_name} ${labels.http_route}`;
}

function keyOf({ traceId, service, errorCode }: ListedAnswer): string {
  return `${traceId} ${service} ${errorCode}`;
}

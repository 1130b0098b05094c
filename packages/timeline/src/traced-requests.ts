/**
 * The requests that share one trace id, and how each ended, by span, line and metric.
 *
 * @module
 */
import { ATTRIBUTES, FIELDS } from '@breakwater/telemetry/core';
import { answerFields } from './answer-fields.ts';
import { spanMessage } from './answered-span.ts';
import { answeredRequest } from './log-line.ts';
import type { Exemplar, LogLine, Span } from './model.ts';
import { READ_METRICS } from './names.ts';
import { outermostOf } from './nesting.ts';
import { type Place, placesOf } from './span-tree.ts';

/** What tells how a request ended. */
export type Witness = 'span' | 'line' | 'metric';

/** One request of a client, by the response of the outermost service that is known. */
export interface TracedRequest {
  /** `failed` when one witness says so; `unknown` when none says how it ended. */
  readonly outcome: 'failed' | 'succeeded' | 'unknown';
  /** Those that say so. */
  readonly saidBy: readonly Witness[];
  /**
   * Whether this is what the client saw: not known when a service outside of it may be missing, as
   * when the span has a parent that no backend has.
   */
  readonly outermost: boolean;
  readonly service: string;
  /** When it was answered: Unix time, in milliseconds. */
  readonly timeMs: number;
  readonly spanId?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  /** What was asked for, where no route is known: a span has it of any service. */
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly message?: string | undefined;
  readonly context?: unknown;
  readonly requestId?: string | undefined;
}

/** A response under construction. */
interface Response {
  service: string;
  startMs: number;
  endMs: number;
  parentId: string | null | undefined;
  span: Span | undefined;
  line: LogLine | undefined;
  /** The last error that was written while it was made, where its own line is missing. */
  complaint?: string;
  counted: Exemplar[];
}

/**
 * Tells the requests of a trace apart, in order of time. Each is judged by all that is known of it;
 * what only an exemplar tells of is a request too.
 *
 * @param complete whether all spans and lines were read, so that none outside can be missing
 */
export function tellRequests(
  spans: readonly Span[],
  lines: readonly LogLine[],
  exemplars: readonly Exemplar[],
  complete: boolean,
): TracedRequest[] {
  const { outer, inner } = responsesOf(spans, lines);
  const alone = attachExemplars(exemplars, outer, inner);
  return [
    ...outer.map((response) => tell(response, complete)),
    ...alone.map((response) => tell(response, false)),
  ].sort((a, b) => a.timeMs - b.timeMs);
}

/** The responses of all services: those that a client may have seen, and those inside of them. */
function responsesOf(spans: readonly Span[], lines: readonly LogLine[]) {
  const places = placesOf(spans);
  const known = new Map<string, Response>();
  for (const span of spans) {
    if (span.kind === 'server') known.set(span.spanId, ofSpan(span, places));
  }
  for (const line of lines) {
    const answered = answeredRequest(line);
    const key = keyOf(line, known, places);
    const response = known.get(key);
    if (!answered) {
      const isComplaint = line.level === 'error' || line.level === 'fatal';
      if (response && isComplaint) response.complaint = firstLine(line.message);
      continue;
    }
    if (response) response.line ??= line;
    else known.set(key, ofLine(line, answered.durationMs));
  }
  const all = [...known.values()];
  const roots = all.filter(({ span }) => !span || places.get(span.spanId)?.server === span);
  const outer = outermostOf(roots);
  const outside = new Set(outer);
  return { outer, inner: all.filter((response) => !outside.has(response)) };
}

/** A line is written in the SERVER span, or in one within it. */
function keyOf(
  { spanId = '', timeMs, service }: LogLine,
  known: ReadonlyMap<string, Response>,
  places: ReadonlyMap<string, Place>,
): string {
  if (known.has(spanId)) return spanId;
  const within = places.get(spanId)?.server;
  if (within?.service === service) return within.spanId;
  return spanId === '' ? `${service} ${timeMs}` : spanId;
}

function ofSpan(span: Span, places: ReadonlyMap<string, Place>): Response {
  const { service, startMs, durationMs } = span;
  const isBelowAll = places.get(span.spanId)?.root.parentId === undefined;
  const parentId = isBelowAll ? null : span.parentId;
  const rest = { parentId, span, line: undefined, counted: [] };
  return { service, startMs, endMs: startMs + durationMs, ...rest };
}

function ofLine(line: LogLine, durationMs: number): Response {
  const { service, timeMs } = line;
  const rest = { parentId: undefined, span: undefined, line, counted: [] };
  return { service, startMs: timeMs - durationMs, endMs: timeMs, ...rest };
}

/** @returns responses that only exemplars tell of */
function attachExemplars(
  exemplars: readonly Exemplar[],
  outer: readonly Response[],
  inner: readonly Response[],
): Response[] {
  const alone = new Map<string, Response>();
  for (const exemplar of exemplars) {
    const found = [...outer, ...inner].filter((response) => isOf(exemplar, response));
    // Of several alike each is counted once.
    const response = found.find(({ counted }) => !counted.some(isLike(exemplar))) ?? found[0];
    if (response) {
      response.counted.push(exemplar);
      continue;
    }
    if (!tellsOfFailure(exemplar)) continue;
    const { service_name: service = 'unknown', http_route: route = '' } = exemplar.labels;
    const key = `${service} ${route}`;
    const other = alone.get(key);
    if (other) other.counted.push(exemplar);
    else alone.set(key, ofExemplar(service, exemplar));
  }
  return [...alone.values()];
}

function ofExemplar(service: string, exemplar: Exemplar): Response {
  const { timeMs } = exemplar;
  const rest = { parentId: undefined, span: undefined, line: undefined };
  return { service, startMs: timeMs, endMs: timeMs, ...rest, counted: [exemplar] };
}

function isLike({ metric }: Exemplar) {
  return (other: Exemplar) => other.metric === metric;
}

function isOf(exemplar: Exemplar, response: Response): boolean {
  const { service_name, http_route, error_code, http_response_status_code } = exemplar.labels;
  if (service_name !== response.service) return false;
  const { route, status, errorCode } = factsOf({ ...response, counted: [] });
  if (route !== undefined && http_route !== undefined && route !== http_route) return false;
  if (error_code !== undefined) {
    return errorCode === undefined ? outcomeOf(response) !== 'succeeded' : errorCode === error_code;
  }
  return status === undefined || String(status) === http_response_status_code;
}

function tellsOfFailure({ metric, labels }: Exemplar): boolean {
  return metric === READ_METRICS.errors || Number(labels.http_response_status_code) >= 400;
}

function tell(response: Response, complete: boolean): TracedRequest {
  const { service, endMs, span, line } = response;
  const outcome = outcomeOf(response);
  return {
    outcome,
    saidBy: WITNESSES.filter((witness) => SAYS[witness](response) === outcome),
    outermost: complete || response.parentId === null,
    service,
    timeMs: line?.timeMs ?? endMs,
    spanId: span?.spanId ?? line?.spanId,
    ...factsOf(response),
  };
}

type Outcome = TracedRequest['outcome'];

const WITNESSES = ['span', 'line', 'metric'] as const;

/** How it ended as each of the three tells it. */
const SAYS: Readonly<Record<Witness, (response: Response) => Outcome>> = {
  span: ({ span }) => {
    const { status } = answerFields(span?.attributes ?? {});
    if (span?.failed || (status ?? 0) >= 400) return 'failed';
    return status === undefined ? 'unknown' : 'succeeded';
  },
  line: ({ line }) => {
    if (!line) return 'unknown';
    const failed = line.errorCode !== undefined || (answerFields(line.fields).status ?? 0) >= 400;
    return failed ? 'failed' : 'succeeded';
  },
  metric: ({ counted }) => {
    if (counted.some(tellsOfFailure)) return 'failed';
    return counted.length > 0 ? 'succeeded' : 'unknown';
  },
};

function outcomeOf(response: Response): Outcome {
  const said = WITNESSES.map((witness) => SAYS[witness](response));
  return OUTCOMES.find((outcome) => said.includes(outcome)) ?? 'unknown';
}

/** One that says it failed is believed before others that do not. */
const OUTCOMES = ['failed', 'succeeded'] as const;

function factsOf({ span, line, complaint, counted }: Response) {
  const labels: Exemplar['labels'] = Object.assign({}, ...counted.map((each) => each.labels));
  const fields = { ...span?.attributes, ...line?.fields };
  const told = answerFields(fields);
  const status = Number(told.status ?? labels.http_response_status_code);
  return {
    method: told.method ?? labels.http_request_method,
    route: told.route ?? labels.http_route,
    path: text(fields['url.path']),
    status: Number.isNaN(status) ? undefined : status,
    errorCode: text(line?.errorCode ?? fields[ATTRIBUTES.errorCode] ?? labels.error_code),
    message: line
      ? text(fields[FIELDS.exceptionMessage] ?? line.message)
      : (complaint ?? (span && spanMessage(span))),
    context: line?.fields.context,
    requestId: text(line?.fields[FIELDS.requestId]),
  };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

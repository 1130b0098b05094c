/**
 * The story of one request: its spans with the log lines in them, the error as the client saw it,
 * and the series it counted in.
 *
 * @module
 */
import { FIELDS } from '@breakwater/otel';
import type { LogLine, Series, Span, SpanEvent, TimeRange, Trace } from './model.ts';
import type { Sources } from './sources.ts';

/** Something below a span, at its time. */
export type StoryEntry =
  | { readonly type: 'span'; readonly timeMs: number; readonly node: StorySpan }
  | { readonly type: 'line'; readonly timeMs: number; readonly line: LogLine }
  | { readonly type: 'event'; readonly timeMs: number; readonly event: SpanEvent };

/** A span and everything that happened in it, in order of time. */
export interface StorySpan {
  readonly span: Span;
  readonly entries: readonly StoryEntry[];
}

/** A failed response, told by the line of the service that gave it. */
export interface Answer {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly errorCode: string;
  readonly message: string;
  readonly context: unknown;
  readonly requestId: string;
}

/** All that is known of a request. */
export interface Story {
  readonly traceId: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Names of the services that answered, in order of appearance. */
  readonly services: readonly string[];
  /** Spans without a parent in the trace, oldest first. */
  readonly roots: readonly StorySpan[];
  /** Lines of the trace whose span is not among its spans. */
  readonly strayLines: readonly LogLine[];
  /** The failed answer of the outermost service; undefined when the request went well. */
  readonly answer: Answer | undefined;
  /** The series in which the answer was counted, with their present values. */
  readonly series: readonly Series[];
  readonly links: Readonly<Record<string, string>>;
}

/** How far back a trace without spans is looked for in the logs, in milliseconds: a day. */
const WITHOUT_SPANS_MS = 24 * 3_600_000;
/** Clocks and late lines: lines this far outside the spans still belong to them. */
const MARGIN_MS = 60_000;
/** Spans within spans; a request over all services has about 20. */
const MAX_DEPTH = 100;

/**
 * Reads the story of a trace; undefined when no backend knows the id.
 *
 * @throws {BackendError} when a backend does not answer.
 */
export async function readStory(
  sources: Sources,
  traceId: string,
  nowMs: number = Date.now(),
): Promise<Story | undefined> {
  const trace = await sources.traces.get(traceId);
  const lines = await sources.logs.ofTrace(traceId, rangeOf(trace, nowMs));
  if (!trace && lines.length === 0) return undefined;
  const story = tellStory(traceId, trace?.spans ?? [], lines, sources.links(traceId));
  if (!story.answer) return story;
  return { ...story, series: await sources.metrics.query(seriesSelector(story.answer)) };
}

function rangeOf(trace: Trace | undefined, nowMs: number): TimeRange {
  if (!trace) return { fromMs: nowMs - WITHOUT_SPANS_MS, toMs: nowMs + MARGIN_MS };
  const startMs = least(trace.spans.map((span) => span.startMs));
  const endMs = -least(trace.spans.map((span) => -(span.startMs + span.durationMs)));
  return { fromMs: startMs - MARGIN_MS, toMs: endMs + MARGIN_MS };
}

/** Puts spans and lines together; pure. */
export function tellStory(
  traceId: string,
  spans: readonly Span[],
  lines: readonly LogLine[],
  links: Readonly<Record<string, string>>,
): Story {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const { roots, children } = makeTree(spans);
  const linesOf = Map.groupBy(lines, ({ spanId }) => spanId ?? '');

  const node = (span: Span): StorySpan => ({
    span,
    entries: [
      ...(children.get(span.spanId) ?? []).map(
        (child): StoryEntry => ({ type: 'span', timeMs: child.startMs, node: node(child) }),
      ),
      ...(linesOf.get(span.spanId) ?? []).map(
        (line): StoryEntry => ({ type: 'line', timeMs: line.timeMs, line }),
      ),
      ...span.events.map((event): StoryEntry => ({ type: 'event', timeMs: event.timeMs, event })),
    ].sort((a, b) => a.timeMs - b.timeMs),
  });

  const startMs = least([...spans.map((span) => span.startMs), ...lines.map((l) => l.timeMs)]);
  const endMs = -least(spans.map((span) => -(span.startMs + span.durationMs)));
  return {
    traceId,
    startMs,
    durationMs: Math.max(startMs, endMs) - startMs,
    services: [...new Set(spans.map(({ service }) => service))],
    roots: roots.map(node),
    strayLines: lines.filter(({ spanId }) => !ids.has(spanId ?? '')),
    answer: findAnswer(lines, roots[0]),
    series: [],
    links,
  };
}

/** `Math.min` of more numbers than a call takes arguments; Infinity of none. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/**
 * The spans by their parent. Whatever a client sends has a place: a span below {@link MAX_DEPTH}
 * others stands at that depth, and the oldest of spans that are each other's parents is a root.
 */
function makeTree(spans: readonly Span[]) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId }) => parentId ?? '');
  const placed = new Map<string, Span[]>();
  const seen = new Set<string>();
  const roots: Span[] = [];
  const place = (root: Span) => {
    roots.push(root);
    seen.add(root.spanId);
    const path = [{ span: root, depth: 0, holder: root.spanId }];
    for (let next = path.pop(); next; next = path.pop()) {
      const { span, depth, holder } = next;
      for (const child of children.get(span.spanId) ?? []) {
        if (seen.has(child.spanId)) continue;
        seen.add(child.spanId);
        const held = placed.get(holder);
        if (held) held.push(child);
        else placed.set(holder, [child]);
        const deep = depth + 1 >= MAX_DEPTH;
        path.push({ span: child, depth: depth + 1, holder: deep ? holder : child.spanId });
      }
    }
  };
  for (const span of spans) {
    if (span.parentId === undefined || !ids.has(span.parentId)) place(span);
  }
  for (const span of spans) if (!seen.has(span.spanId)) place(span);
  return { roots, children: placed };
}

/** The error line of the outermost span; while no span has arrived, the last one written. */
function findAnswer(lines: readonly LogLine[], root: Span | undefined): Answer | undefined {
  const failed = lines.filter(({ errorCode }) => errorCode !== undefined);
  const line = root ? failed.find(({ spanId }) => spanId === root.spanId) : failed.at(-1);
  if (!line) return undefined;
  const { fields } = line;
  return {
    service: line.service,
    method: String(fields[FIELDS.method] ?? ''),
    route: String(fields[FIELDS.route] ?? ''),
    status: Number(fields[FIELDS.statusCode]),
    errorCode: line.errorCode ?? '',
    message: String(fields[FIELDS.exceptionMessage] ?? line.message),
    context: fields.context,
    requestId: String(fields[FIELDS.requestId] ?? ''),
  };
}

function seriesSelector({ service, route, errorCode }: Answer): string {
  const labels = { service_name: service, http_route: route, error_code: errorCode };
  const matchers = Object.entries(labels).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  return `service_errors_total{${matchers.join(',')}}`;
}

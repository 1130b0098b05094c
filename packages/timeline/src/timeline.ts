/**
 * The timeline of a trace: its spans with the log lines in them, how its requests ended, the series
 * they counted in, and what of all that is not known.
 *
 * @module
 */
import { gather, isComplete, type TimelineEvidence, together } from './evidence.ts';
import { compareLines } from './log-line.ts';
import type { Exemplar, LogLine, Series, Span, SpanEvent, TimeRange } from './model.ts';
import { READ_METRICS } from './names.ts';
import type { Sources } from './sources.ts';
import { makeTree } from './span-tree.ts';
import { type TracedRequest, tellRequests } from './traced-requests.ts';
import { judge, type Verdict } from './verdict.ts';

/** Something below a span, at its time. */
export type TimelineEntry =
  | { readonly type: 'span'; readonly timeMs: number; readonly node: TimelineSpan }
  | { readonly type: 'line'; readonly timeMs: number; readonly line: LogLine }
  | { readonly type: 'event'; readonly timeMs: number; readonly event: SpanEvent };

/** A span and everything that happened in it, in order of time. */
export interface TimelineSpan {
  readonly span: Span;
  readonly entries: readonly TimelineEntry[];
}

/** All that is known of a trace. */
export interface Timeline {
  readonly traceId: string;
  /** When it began, by spans and lines; undefined while there is none. */
  readonly startMs: number | undefined;
  readonly durationMs: number;
  /** Names of the services with spans, in order of appearance. */
  readonly services: readonly string[];
  /** Spans without a parent in the trace, oldest first. */
  readonly roots: readonly TimelineSpan[];
  /** Lines of the trace whose span is not among its spans. */
  readonly strayLines: readonly LogLine[];
  /** What each backend had to say. */
  readonly evidence: TimelineEvidence;
  readonly verdict: Verdict;
  /**
   * The requests that share the id, in order of time. A client may send the same one again and
   * again: of more than 100 those that failed are kept first.
   */
  readonly requests: readonly TracedRequest[];
  /** All of them, by how they ended. */
  readonly counts: Readonly<Record<TracedRequest['outcome'], number>>;
  /** The newest failed request; undefined when none is known to have failed. */
  readonly answer: TracedRequest | undefined;
  /** The series in which the failures were counted, with their present values. */
  readonly series: readonly Series[];
  readonly links: Readonly<Record<string, string>>;
}

/** How a timeline is read. */
export interface ReadTimelineOptions {
  /** Unix time, in milliseconds. Default: now. */
  readonly nowMs?: number;
  /** How far back lines of a trace without spans are looked for, in milliseconds. Default: a day. */
  readonly lookBackMs?: number;
  /** How long a backend is waited for, in milliseconds. Default: 5,000. */
  readonly patienceMs?: number;
}

const DAY_MS = 24 * 3_600_000;
/** Exemplars of more than this are too many to read, and hardly any is kept longer. */
const EXEMPLARS_BACK_MS = 3_600_000;
/** Clocks and late lines: lines this far outside the spans still belong to them. */
const MARGIN_MS = 60_000;
const MAX_REQUESTS = 100;
/** Failures whose series are looked up. */
const MAX_SERIES = 5;

/**
 * Asks every backend for a trace and tells what those that respond know. It never rejects for
 * a backend: what is missing, and why, is in `evidence`.
 */
export async function readTimeline(
  sources: Sources,
  traceId: string,
  options: ReadTimelineOptions = {},
): Promise<Timeline> {
  const { nowMs = Date.now(), lookBackMs = DAY_MS, patienceMs = 5_000 } = options;
  const spans = await gather('The spans', () => sources.traces.get(traceId), patienceMs);
  const range = rangeOf(spans.found, nowMs, lookBackMs);
  const exemplars = (metric: string) => {
    const since = Math.max(range.fromMs, nowMs - EXEMPLARS_BACK_MS);
    const narrow = spans.found.length > 0 ? range : { ...range, fromMs: since };
    return gather('The metrics', () => sources.metrics.exemplars(metric, narrow), patienceMs);
  };
  const [lines, errors, durations] = await Promise.all([
    gather('The log lines', () => sources.logs.ofTrace(traceId, range), patienceMs),
    exemplars(READ_METRICS.errors),
    exemplars(`${READ_METRICS.requestDuration}_bucket`),
  ]);
  const named = [...errors.found, ...durations.found].filter((each) => each.traceId === traceId);
  const timeline = makeTimeline(traceId, spans.found, lines.found, named, sources.links(traceId), {
    spans: spans.evidence,
    lines: lines.evidence,
    metrics: { ...together(errors.evidence, durations.evidence) },
  });
  const metrics = timeline.evidence.metrics;
  // One that just did not respond is not asked again.
  if (metrics.state === 'failed') return timeline;
  const series = await Promise.all(
    selectorsOf(timeline.requests).map((selector) =>
      gather('The metrics', () => sources.metrics.query(selector), patienceMs),
    ),
  );
  const found = series.flatMap((each) => each.found);
  const told = together(
    metrics.state === 'incomplete'
      ? metrics
      : { state: found.length + named.length > 0 ? 'found' : 'nothing' },
    ...series.map(({ evidence }) => evidence).filter((each) => !isComplete(each)),
  );
  return { ...timeline, series: found, evidence: { ...timeline.evidence, metrics: told } };
}

/** Whether any backend has a word of the trace. */
export function isKnown({ startMs, requests }: Timeline): boolean {
  return startMs !== undefined || requests.length > 0;
}

function rangeOf(spans: readonly Span[], nowMs: number, lookBackMs: number): TimeRange {
  if (spans.length === 0) return { fromMs: nowMs - lookBackMs, toMs: nowMs + MARGIN_MS };
  const startMs = least(spans.map((span) => span.startMs));
  const endMs = -least(spans.map((span) => -(span.startMs + span.durationMs)));
  return { fromMs: startMs - MARGIN_MS, toMs: endMs + MARGIN_MS };
}

/** Puts spans, lines and exemplars together; pure. */
export function makeTimeline(
  traceId: string,
  spans: readonly Span[],
  lines: readonly LogLine[],
  exemplars: readonly Exemplar[],
  links: Readonly<Record<string, string>>,
  evidence: TimelineEvidence,
): Timeline {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const { roots, children } = makeTree(spans);
  const linesOf = Map.groupBy(lines, ({ spanId }) => spanId ?? '');

  const node = (span: Span): TimelineSpan => ({
    span,
    entries: [
      ...(children.get(span.spanId) ?? []).map(
        (child): TimelineEntry => ({ type: 'span', timeMs: child.startMs, node: node(child) }),
      ),
      ...(linesOf.get(span.spanId) ?? []).map(
        (line): TimelineEntry => ({ type: 'line', timeMs: line.timeMs, line }),
      ),
      ...span.events.map(
        (event): TimelineEntry => ({ type: 'event', timeMs: event.timeMs, event }),
      ),
    ].sort((a, b) => a.timeMs - b.timeMs),
  });

  const startMs = least([...spans.map((span) => span.startMs), ...lines.map((l) => l.timeMs)]);
  const endMs = -least(spans.map((span) => -(span.startMs + span.durationMs)));
  const complete = isComplete(evidence.spans) && isComplete(evidence.lines);
  const requests = tellRequests(spans, lines, exemplars, complete);
  return {
    traceId,
    startMs: Number.isFinite(startMs) ? startMs : undefined,
    durationMs: Number.isFinite(startMs) ? Math.max(startMs, endMs) - startMs : 0,
    services: [...new Set(spans.map(({ service }) => service))],
    roots: roots.map(node),
    strayLines: lines.filter(({ spanId }) => !ids.has(spanId ?? '')),
    evidence,
    verdict: judge(requests),
    requests: shown(requests),
    counts: count(requests),
    answer: requests.findLast(({ outcome }) => outcome === 'failed'),
    series: [],
    links,
  };
}

/** All lines of a trace, oldest first, each once. */
export function timelineLines(timeline: Timeline): LogLine[] {
  const lines = [...timeline.strayLines];
  const pending = [...timeline.roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const entry of node.entries) {
      if (entry.type === 'line') lines.push(entry.line);
      if (entry.type === 'span') pending.push(entry.node);
    }
  }
  return lines.sort(compareLines);
}

/** `Math.min` of more numbers than a call takes arguments; Infinity of none. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function shown(requests: readonly TracedRequest[]): TracedRequest[] {
  if (requests.length <= MAX_REQUESTS) return [...requests];
  const failed = requests.filter(({ outcome }) => outcome === 'failed');
  const others = requests.filter(({ outcome }) => outcome !== 'failed');
  return [...failed, ...others].slice(0, MAX_REQUESTS).sort((a, b) => a.timeMs - b.timeMs);
}

function count(requests: readonly TracedRequest[]): Timeline['counts'] {
  const counts = { failed: 0, succeeded: 0, unknown: 0 };
  for (const { outcome } of requests) counts[outcome]++;
  return counts;
}

/** The error series of failed requests, each once. */
function selectorsOf(requests: readonly TracedRequest[]): string[] {
  const selectors = requests
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ service, route, errorCode }) => {
      const labels = { service_name: service, http_route: route, error_code: errorCode };
      const matchers = Object.entries(labels).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${JSON.stringify(value)}`],
      );
      return `${READ_METRICS.errors}{${matchers.join(',')}}`;
    });
  return [...new Set(selectors)].slice(0, MAX_SERIES);
}

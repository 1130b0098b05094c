/**
 * The spans of a trace as rows, each with its bar, its log lines as markers, and what was decided
 * in it.
 *
 * @module
 */
import { ATTRIBUTES, EVENTS } from '@breakwater/resilience';
import type { LogLine, Span, SpanEvent, Timeline, TimelineSpan } from '@breakwater/timeline';
import { html } from 'hono/html';
import { duration, type Html, slug } from './format.ts';

/** One row: a span, or an event in it. */
export type Row =
  | {
      readonly type: 'span';
      readonly depth: number;
      readonly span: Span;
      readonly lines: readonly LogLine[];
    }
  | { readonly type: 'event'; readonly depth: number; readonly event: SpanEvent };

/** Rows and lines that a page shows: a browser stays usable, and the page below some 2 MB. */
export const MAX_ROWS = 500;
export const MAX_LINES = 500;
/** Characters of a line that its marker tells; the line itself is below. */
const MAX_LABEL = 100;
const MAX_MARKERS = 20;
const MAX_DEPTH = 24;
const MAX_ATTRIBUTES = 40;

/** What of a timeline is shown: all of it, or what has a text in it, and where that stands. */
export interface Shown {
  readonly rows: readonly Row[];
  /** Rows that are not shown. */
  readonly hidden: number;
  readonly spans: number;
}

/** Flattens the tree, in the order of time below each span, without recursion: it may be deep. */
export function rowsOf(timeline: Timeline, find: string): Shown {
  const all: Row[] = [];
  const pending: { node: TimelineSpan; depth: number }[] = timeline.roots
    .map((node) => ({ node, depth: 0 }))
    .reverse();
  let spans = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, depth } = next;
    spans++;
    const lines = node.entries.flatMap((entry) => (entry.type === 'line' ? [entry.line] : []));
    all.push({ type: 'span', depth, span: node.span, lines });
    for (const entry of node.entries) {
      if (entry.type === 'event') all.push({ type: 'event', depth: depth + 1, event: entry.event });
    }
    for (const entry of node.entries.toReversed()) {
      if (entry.type === 'span') pending.push({ node: entry.node, depth: depth + 1 });
    }
  }
  const matching = find === '' ? all : withAncestors(all, find.toLowerCase());
  const rows = matching.slice(0, MAX_ROWS);
  return { rows, hidden: all.length - rows.length, spans };
}

/** Rows that have the text, and those that lead to them. */
function withAncestors(all: readonly Row[], needle: string): Row[] {
  const kept = new Set<number>();
  const path: number[] = [];
  all.forEach((row, i) => {
    path.length = row.depth;
    path[row.depth] = i;
    if (!haystack(row).includes(needle)) return;
    for (const at of path) kept.add(at);
  });
  return all.filter((_, i) => kept.has(i));
}

function haystack(row: Row): string {
  if (row.type === 'event')
    return `${row.event.name} ${JSON.stringify(row.event.attributes)}`.toLowerCase();
  const { service, name, attributes } = row.span;
  const lines = row.lines.map(({ message }) => message).join(' ');
  return `${service} ${name} ${JSON.stringify(attributes)} ${lines}`.toLowerCase();
}

/** The rows as a table. */
export function waterfall(
  { rows, hidden }: Shown,
  timeline: Timeline,
  lineIds: ReadonlyMap<LogLine, string>,
): Html {
  const { startMs = 0, durationMs } = timeline;
  const percent = (ms: number) =>
    `${Math.min(100, Math.max(0, ((ms - startMs) / Math.max(durationMs, 0.001)) * 100)).toFixed(2)}%`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of waterfall"><table class="waterfall" data-filtered>
<thead><tr><th scope="col">Span</th><th scope="col" class="number">Took</th><th scope="col">From 0 to ${duration(durationMs)}</th></tr></thead>
<tbody>${rows.map((row) =>
    row.type === 'event' ? eventRow(row, percent) : spanRow(row, percent, lineIds),
  )}</tbody></table></div>
${hidden > 0 ? html`<p class="more">${hidden.toLocaleString('en')} more rows are not shown: say what to find.</p>` : ''}`;
}

type Percent = (ms: number) => string;

function spanRow(
  { depth, span, lines }: Extract<Row, { type: 'span' }>,
  percent: Percent,
  lineIds: ReadonlyMap<LogLine, string>,
): Html {
  const { service, name, kind, startMs, durationMs, failed, attributes } = span;
  const resend = attributes['http.request.resend_count'];
  const status = attributes['http.response.status_code'] ?? attributes['rpc.status_code'];
  const width = `${Math.max(0.3, Number.parseFloat(percent(startMs + durationMs)) - Number.parseFloat(percent(startMs))).toFixed(2)}%`;
  return html`<tr class="${failed ? 'failed' : ''}">
<td class="depth-${Math.min(depth, MAX_DEPTH)}"><details><summary>${failed ? html`<span class="cross">✗<span class="unseen"> failed</span></span> ` : ''}<b>${service}</b> ${name} <span class="kind">${kind}</span>${
    status === undefined ? '' : html` <span class="kind">${String(status)}</span>`
  }${resend === undefined ? '' : html` <span class="badge attempt">attempt ${Number(resend) + 1}</span>`}</summary>${pairs(attributes)}</details></td>
<td class="number">${duration(durationMs)}</td>
<td class="track"><svg width="100%" height="20" role="group" aria-label="${service} ${name}"><rect class="bar kind-${slug(kind)}" x="${percent(startMs)}" y="5" width="${width}" height="10" rx="2"/>${lines
    .slice(0, MAX_MARKERS)
    .map((line) => {
      const id = lineIds.get(line);
      const label = `${line.level}: ${line.message.slice(0, MAX_LABEL)}`;
      const dot = html`<circle class="level-${slug(line.level)}" cx="${percent(line.timeMs)}" cy="10" r="4"><title>${label}</title></circle>`;
      return id ? html`<a href="#${id}" aria-label="${label}">${dot}</a>` : dot;
    })}</svg></td></tr>`;
}

function eventRow({ depth, event }: Extract<Row, { type: 'event' }>, percent: Percent): Html {
  return html`<tr class="event"><td class="depth-${Math.min(depth, MAX_DEPTH)}"><span aria-hidden="true">◆ </span>${eventText(event)}</td><td></td><td class="track"><svg width="100%" height="20" aria-hidden="true"><rect class="event-mark" x="${percent(event.timeMs)}" y="4" width="3" height="12"/></svg></td></tr>`;
}

/** What happened in a span, in words where it was a decision of ours. */
export function eventText({ name, attributes }: SpanEvent): string {
  const value = (key: string) => String(attributes[key] ?? '?').replaceAll('_', ' ');
  switch (name) {
    case EVENTS.transition: {
      const move = `${value(ATTRIBUTES.from)} → ${value(ATTRIBUTES.to)}`;
      return `circuit ${value(ATTRIBUTES.breaker)}: ${move}, ${value(ATTRIBUTES.reason)}`;
    }
    case EVENTS.rejection:
      return `refused before it was sent to ${value(ATTRIBUTES.dependency)}: ${value(ATTRIBUTES.reason)}`;
    case EVENTS.retry: {
      const delay = duration(Number(attributes[ATTRIBUTES.delayMs]));
      return `tries ${value(ATTRIBUTES.dependency)} again in ${delay}: ${value(ATTRIBUTES.reason)}`;
    }
    case EVENTS.fallback:
      return `answered for ${value(ATTRIBUTES.dependency)}: ${value(ATTRIBUTES.source)}`;
    default: {
      const message = attributes['exception.message'];
      return message === undefined ? name : `${name}: ${String(message).slice(0, 300)}`;
    }
  }
}

/** Attributes or fields, a row each. */
export function pairs(attributes: Readonly<Record<string, unknown>>): Html {
  const entries = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
  return html`<dl class="pairs">${entries.map(
    ([key, value]) =>
      html`<div><dt>${key}</dt><dd>${typeof value === 'string' ? value : JSON.stringify(value)}</dd></div>`,
  )}</dl>`;
}

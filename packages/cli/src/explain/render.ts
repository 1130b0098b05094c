/**
 * A trace as text for a terminal.
 *
 * @module
 */
import { findKind } from '@breakwater/errors';
import { FIELDS } from '@breakwater/telemetry/core';
import {
  isComplete,
  type LogLine,
  type SpanEvent,
  type Timeline,
  type TimelineEntry,
  type TimelineEvidence,
  type TimelineSpan,
  type TracedRequest,
  type Witness,
} from '@breakwater/timeline';

/** Attributes worth a place behind a span's name. */
const SHOWN = [
  'http.response.status_code',
  'rpc.status_code',
  'error.type',
  'http.request.resend_count',
  'db.operation.name',
];

/** Failed requests of one id that are told at length. */
const SHOWN_REQUESTS = 10;

/** The timeline as text for a terminal: how it ended, the spans with their lines, the series. */
export function renderTimeline(timeline: Timeline, next: string): string {
  const { startMs: zeroMs = 0, roots, strayLines, links } = timeline;
  return [
    ...renderHead(timeline, next),
    ...(roots.length > 0
      ? ['', 'Spans and log lines', ...roots.flatMap((root) => renderSpan(root, zeroMs, '', ''))]
      : []),
    ...(strayLines.length > 0
      ? ['', 'Lines without their span', ...strayLines.map((line) => renderLine(line, zeroMs))]
      : []),
    ...renderSeries(timeline),
    '',
    'Links',
    ...Object.entries(links).map(([name, url]) => `  ${name.padEnd(8)} ${url}`),
  ].join('\n');
}

/** Why nothing is told of an id: because there is nothing, or because somebody was not there to ask. */
export function renderUnknown({ traceId, evidence }: Timeline, next: string): string {
  const missing = renderMissing(evidence, next);
  if (missing.length === 0) {
    return (
      `No span, no log line of the last 72 hours and no metric has the id ${traceId}. ` +
      'Check the id against X-Trace-ID of the response.'
    );
  }
  return [
    `Nothing is known of ${traceId}, but not all could be asked:`,
    ...missing,
    'Check the id against X-Trace-ID of the response, too.',
  ].join('\n');
}

function renderHead(timeline: Timeline, next: string): string[] {
  const { traceId, startMs, durationMs, services, evidence } = timeline;
  const over = services.length > 0 ? `over ${services.join(', ')}` : 'no span is known';
  const missing = renderMissing(evidence, next);
  return [
    `Trace ${traceId}`,
    ...(startMs === undefined
      ? []
      : [`  ${new Date(startMs).toISOString()}, ${milliseconds(durationMs)}, ${over}`]),
    ...(missing.length > 0 ? ['', 'Not known', ...missing] : []),
    '',
    ...renderVerdict(timeline),
  ];
}

const ASKED = { spans: 'spans', lines: 'log lines', metrics: 'metrics' } as const;

/** What could not be read, and what to do about it. */
function renderMissing(evidence: TimelineEvidence, next: string): string[] {
  const told = (['spans', 'lines', 'metrics'] as const).flatMap((kind) => {
    const { state, why } = evidence[kind];
    if (isComplete(evidence[kind])) return [];
    return [`  ${state === 'failed' ? '' : 'some '}${ASKED[kind]}: ${why}`];
  });
  const down = Object.values(evidence).some(({ state }) => state === 'failed');
  return down ? [...told, `  ${next}`] : told;
}

function renderVerdict(timeline: Timeline): string[] {
  const { verdict, requests, counts } = timeline;
  const all = counts.failed + counts.succeeded + counts.unknown;
  const many =
    all > 1
      ? [
          `${all} responses share this id: ${counts.failed} failed, ${counts.succeeded} succeeded` +
            (counts.unknown > 0 ? `, ${counts.unknown} not known.` : '.'),
          '',
        ]
      : [];
  switch (verdict.outcome) {
    case 'succeeded':
      return [...many, 'The request did not fail.', ...requests.flatMap(renderOutcome)];
    case 'unknown':
      return [
        ...many,
        `Whether the request failed is not known. ${verdict.why}`,
        ...requests.slice(0, SHOWN_REQUESTS).flatMap(renderOutcome),
      ];
    case 'failed': {
      const failed = requests.filter(({ outcome }) => outcome === 'failed');
      const hidden = counts.failed - Math.min(failed.length, SHOWN_REQUESTS);
      return [
        ...many,
        ...failed.slice(0, SHOWN_REQUESTS).flatMap(renderFailure),
        ...(hidden > 0 ? ['', `${hidden} more failed: --json has 100 of them.`] : []),
      ];
    }
  }
}

function renderOutcome(request: TracedRequest): string[] {
  const { service, method = '', path = 'some route', route = path, saidBy, outcome } = request;
  const status = request.status ?? '';
  const how = outcome === 'unknown' ? 'not known' : `${outcome}, says its ${words(saidBy)}`;
  return [`  ${[method, route].join(' ').trim()} at ${service} → ${status} ${how}`];
}

function renderFailure(request: TracedRequest, i: number): string[] {
  const { service, method = '', path = 'some route', route = path, status, errorCode } = request;
  const kind = errorCode === undefined ? undefined : findKind(errorCode);
  const isTraced = errorCode === undefined && request.requestId === undefined;
  const outcome = [status ?? 'failed', errorCode ?? (isTraced ? '' : '(code not known)')].join(' ');
  const heading = request.outermost ? 'What the client saw' : 'The outermost failure that is known';
  return [
    ...(i === 0 ? [heading] : ['']),
    `  ${[method, route].join(' ').trim()} at ${service} → ${outcome.trim()}`,
    `  ${request.message ?? 'message not known: its log line is missing'}`,
    ...(isTraced
      ? []
      : [
          `  context ${request.context === undefined ? 'not known' : JSON.stringify(request.context)}`,
          `  request id ${request.requestId ?? 'not known'}`,
        ]),
    `  said by its ${words(request.saidBy)}`,
    ...(kind ? [`  client   ${kind.client}`, `  operator ${kind.operator}`] : []),
  ];
}

function words(saidBy: readonly Witness[]): string {
  const names = saidBy.map((witness) => (witness === 'line' ? 'log line' : witness));
  return names.length < 3
    ? names.join(' and ')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function renderSpan(node: TimelineSpan, zeroMs: number, first: string, rest: string): string[] {
  const { span, entries } = node;
  const details = SHOWN.filter((key) => span.attributes[key] !== undefined)
    .map((key) => `${key.split('.').at(-1)}=${span.attributes[key]}`)
    .join(' ');
  const mark = span.failed ? '✗' : '·';
  const title = `${first}${mark} ${span.service} ${span.kind} ${span.name}`;
  return [
    `${offset(span.startMs - zeroMs)} ${title}  ${milliseconds(span.durationMs)}  ${details}`.trimEnd(),
    ...entries.flatMap((entry, i) => {
      const last = i === entries.length - 1;
      return renderEntry(
        entry,
        zeroMs,
        `${rest}${last ? '└─ ' : '├─ '}`,
        `${rest}${last ? '   ' : '│  '}`,
      );
    }),
  ];
}

function renderEntry(entry: TimelineEntry, zeroMs: number, first: string, rest: string): string[] {
  switch (entry.type) {
    case 'span':
      return renderSpan(entry.node, zeroMs, first, rest);
    case 'line':
      return [renderLine(entry.line, zeroMs, first)];
    case 'event':
      return [`${offset(entry.timeMs - zeroMs)} ${first}◆ ${renderEvent(entry.event)}`];
  }
}

/** One line: what has several, such as a stack, is in the log. */
function renderEvent({ name, attributes }: SpanEvent): string {
  const pairs = Object.entries(attributes)
    .filter(([, value]) => !String(value).includes('\n'))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [name, ...pairs].join(' ');
}

function renderLine(line: LogLine, zeroMs: number, first = ''): string {
  const cause = (line.fields.causes as { message?: string }[] | undefined)?.at(-1)?.message;
  const because = cause === undefined ? '' : ` (cause: ${cause})`;
  const stack = FIELDS.exceptionStack in line.fields ? ' [stack in the log]' : '';
  const [message = '', ...rest] = line.message.split('\n');
  const more = rest.length > 0 ? ` [${rest.length} more lines in the log]` : '';
  const text = `${first}${line.level.toUpperCase()} ${line.service}: ${message}${because}${stack}${more}`;
  return `${offset(line.timeMs - zeroMs)} ${text}`;
}

function renderSeries({ answer, series, evidence: { metrics } }: Timeline): string[] {
  if (!answer) return [];
  const rendered = series.map(({ labels, value }) => {
    const { __name__: name, ...rest } = labels;
    const pairs = Object.entries(rest).map(([key, text]) => `${key}="${text}"`);
    return `  ${name}{${pairs.join(', ')}} ${value}`;
  });
  const none = !isComplete(metrics)
    ? '  not known'
    : answer.errorCode === undefined
      ? '  no series that is read here: its failures have no code'
      : '  no series yet: metrics are read every few seconds';
  return ['', 'Counted in', ...(rendered.length > 0 ? rendered : [none])];
}

function offset(ms: number): string {
  return `+${ms.toFixed(1)} ms`.padStart(12);
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

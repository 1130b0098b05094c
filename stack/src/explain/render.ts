import { findKind } from '@breakwater/errors';
import { FIELDS } from '@breakwater/otel';
import type { LogLine, SpanEvent, Story, StoryEntry, StorySpan } from '@breakwater/story';

/** Attributes worth a place behind a span's name. */
const SHOWN = [
  'http.response.status_code',
  'error.type',
  'http.request.resend_count',
  'db.operation.name',
];

/** The story as text for a terminal: what the client saw, the spans with their lines, the series. */
export function renderStory(story: Story): string {
  return [
    ...renderHead(story),
    '',
    'Spans and log lines',
    ...story.roots.flatMap((root) => renderSpan(root, story.startMs, '', '')),
    ...(story.strayLines.length > 0
      ? [
          '',
          'Lines without their span',
          ...story.strayLines.map((line) => renderLine(line, story.startMs)),
        ]
      : []),
    ...renderSeries(story),
    '',
    'Links',
    ...Object.entries(story.links).map(([name, url]) => `  ${name.padEnd(8)} ${url}`),
  ].join('\n');
}

function renderHead({ traceId, startMs, durationMs, services, answer }: Story): string[] {
  const head = [
    `Trace ${traceId}`,
    `  ${new Date(startMs).toISOString()}, ${milliseconds(durationMs)}, over ${services.join(', ') || 'no service'}`,
  ];
  if (!answer) return [...head, '', 'The request did not fail.'];
  const kind = findKind(answer.errorCode);
  return [
    ...head,
    '',
    'What the client saw',
    `  ${answer.method} ${answer.route} at ${answer.service} → ${answer.status} ${answer.errorCode}`,
    `  ${answer.message}`,
    `  context ${JSON.stringify(answer.context)}`,
    `  request id ${answer.requestId}`,
    ...(kind ? [`  client   ${kind.client}`, `  operator ${kind.operator}`] : []),
  ];
}

function renderSpan(node: StorySpan, zeroMs: number, first: string, rest: string): string[] {
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

function renderEntry(entry: StoryEntry, zeroMs: number, first: string, rest: string): string[] {
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
  const text = `${first}${line.level.toUpperCase()} ${line.service}: ${line.message}${because}${stack}`;
  return `${offset(line.timeMs - zeroMs)} ${text}`;
}

function renderSeries({ answer, series }: Story): string[] {
  if (!answer) return [];
  const rendered = series.map(({ labels, value }) => {
    const { __name__: name, ...rest } = labels;
    const pairs = Object.entries(rest).map(([key, text]) => `${key}="${text}"`);
    return `  ${name}{${pairs.join(', ')}} ${value}`;
  });
  return [
    '',
    'Counted in',
    ...(rendered.length > 0 ? rendered : ['  no series yet: metrics are read every few seconds']),
  ];
}

function offset(ms: number): string {
  return `+${ms.toFixed(1)} ms`.padStart(12);
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

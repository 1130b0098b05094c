/**
 * Timeline of one request.
 *
 * @module
 */
import { findKind } from '@breakwater/errors';
import {
  isComplete,
  isKnown,
  type LogLine,
  readTimeline,
  type Timeline,
  type TracedRequest,
  timelineLines,
} from '@breakwater/timeline';
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { KnownError } from '../processes.ts';
import { statusClass } from '../view/failures.ts';
import { clock, duration, type Html, slug } from '../view/format.ts';
import { problems } from '../view/layout.ts';
import { MAX_LINES, pairs, rowsOf, waterfall } from '../view/waterfall.ts';

/** Failed requests of one id that are told at length. */
const MAX_FAILED = 10;

/** The page of a trace; `find` keeps what has that text. */
export async function tracePage(
  { telemetry, processes, now }: Context,
  traceId: string,
  find: string,
): Promise<Html> {
  const timeline = await readTimeline(telemetry.sources, traceId, { nowMs: now() });
  const missing = missingOf(timeline);
  if (!isKnown(timeline)) return unknown(traceId, missing);
  const [kinds, running] = await Promise.all([
    timeline.answer ? processes.errors() : [],
    telemetry.running(timeline.links),
  ]);
  const lines = timelineLines(timeline);
  const shown = rowsOf(timeline, find);
  const ids = new Map(lines.slice(0, MAX_LINES).map((line, i) => [line, `line-${i}`]));
  const { startMs = now() } = timeline;
  return html`${problems(missing)}
<p class="lead"><code>${traceId}</code> <button type="button" data-copy="${traceId}">Copy</button> · ${clock(startMs)} · ${duration(timeline.durationMs)} · ${timeline.services.join(', ') || 'no span yet'}</p>
${links(running)}
${outcomeSection(timeline, kinds)}
<section aria-labelledby="h-waterfall"><h2 id="h-waterfall">What happened <span class="count">${shown.spans.toLocaleString('en')} spans</span></h2>
<form class="find"><label>Find in this trace <input type="search" name="find" value="${find}" data-filter></label><button>Find</button></form>
${shown.spans === 0 ? html`<p class="none" ${isComplete(timeline.evidence.spans) ? 'data-reload' : ''}>${isComplete(timeline.evidence.spans) ? 'No span has arrived yet.' : 'Not known: see above.'}</p>` : waterfall(shown, timeline, ids)}</section>
<section aria-labelledby="h-lines"><h2 id="h-lines">Log lines, in order <span class="count">${lines.length.toLocaleString('en')}</span></h2>
${lineList(lines, ids, startMs, find)}</section>
${seriesSection(timeline)}`;
}

/** What could not be read, as sentences. */
function missingOf({ evidence }: Timeline): string[] {
  const { spans, lines, metrics } = evidence;
  return [spans, lines, metrics].flatMap(({ why }) => why ?? []);
}

function unknown(traceId: string, missing: readonly string[]): Html {
  return html`${problems(missing)}
<p class="none" data-reload>${
    missing.length === 0
      ? html`Nothing is known of <code>${traceId}</code> yet. Spans and lines arrive within seconds; this page looks again.`
      : html`Whether there is anything of <code>${traceId}</code> is not known: not all could be read, see above. This page looks again.`
  }</p>
<p>Check the id against <code>X-Trace-ID</code> of the response, or <a href="/trace">look for the failure</a>.</p>`;
}

function links(links: Timeline['links']): Html {
  const entries = Object.entries(links);
  if (entries.length === 0) return html``;
  return html`<p class="links">${entries.map(
    ([name, url]) => html`<a href="${url}" rel="noreferrer">${name}</a> `,
  )}</p>`;
}

/** How it ended: each request that failed, or what is known of those that may have not. */
function outcomeSection(timeline: Timeline, known: readonly KnownError[]): Html {
  const { verdict, requests, counts } = timeline;
  const all = counts.failed + counts.succeeded + counts.unknown;
  const many =
    all > 1
      ? html`<p>${all} responses share this id: ${counts.failed} failed, ${counts.succeeded} succeeded${counts.unknown > 0 ? `, ${counts.unknown} not known` : ''}.</p>`
      : '';
  if (verdict.outcome === 'succeeded') {
    return html`${many}<p class="none">The request did not fail.</p>`;
  }
  if (verdict.outcome === 'unknown') {
    return html`${many}<p class="none">Whether the request failed is not known. ${verdict.why}</p>`;
  }
  const failed = requests.filter(({ outcome }) => outcome === 'failed');
  const hidden = counts.failed - Math.min(failed.length, MAX_FAILED);
  return html`${many}${failed
    .slice(0, MAX_FAILED)
    .map((request, i) => failedSection(timeline.traceId, request, i, known))}${
    hidden > 0
      ? html`<p class="more">${hidden.toLocaleString('en')} more failed; their lines are below.</p>`
      : ''
  }`;
}

function failedSection(
  traceId: string,
  request: TracedRequest,
  i: number,
  known: readonly KnownError[],
): Html {
  const { status, errorCode, service, method = '', path = '', route = path } = request;
  const { saidBy, outermost } = request;
  const kind =
    errorCode === undefined
      ? undefined
      : (known.find(({ code }) => code === errorCode) ?? findKind(errorCode));
  const id = i === 0 ? 'h-answer' : `h-answer-${i}`;
  const heading = outermost ? 'What the client saw' : 'The outermost failure that is known';
  const code =
    errorCode === undefined
      ? 'code not known'
      : html`<a href="/catalogue#${errorCode}"><code>${errorCode}</code></a>`;
  return html`<section aria-labelledby="${id}" class="answer"><h2 id="${id}">${heading}</h2>
<p><span class="status ${statusClass(status)}">${status ?? '–'}</span> ${code} from ${service}, <code>${method} ${route}</code> <span class="why">says its ${saidBy.map((each) => (each === 'line' ? 'log line' : each)).join(', ')}</span></p>
<pre tabindex="0" aria-label="The response${i === 0 ? '' : ` ${i + 1}`}">${responseOf(traceId, request)}</pre>
${
  kind
    ? html`<dl class="advice"><div><dt>What it means</dt><dd>${kind.meaning}</dd></div><div><dt>The client should</dt><dd>${kind.client}</dd></div><div><dt>The operator should</dt><dd>${kind.operator}</dd></div><div><dt>May succeed later</dt><dd>${kind.retryable ? 'yes, where the operation is idempotent' : 'no'}</dd></div></dl>`
    : errorCode === undefined
      ? ''
      : html`<p>No service that answers has this code in its catalogue.</p>`
}</section>`;
}

/** The body in the default format of the contract, of which the others are renderings. */
function responseOf(traceId: string, request: TracedRequest): string {
  const { errorCode, message, status, service, context, requestId } = request;
  if (errorCode === undefined && requestId === undefined) {
    return message ?? '(what it responded is not known: it writes no line of its own)';
  }
  const head = `X-Trace-ID: ${traceId}\nX-Request-ID: ${requestId ?? '(not known)'}`;
  if (message === undefined) return `${head}\n\n(not known: its log line is missing)`;
  const body = {
    trace_id: traceId,
    error_code: errorCode,
    message,
    status_code: status,
    service_name: service,
    context,
  };
  return `${head}\n\n${JSON.stringify(body, null, 2)}`;
}

function lineList(
  lines: readonly LogLine[],
  ids: ReadonlyMap<LogLine, string>,
  startMs: number,
  find: string,
): Html {
  const needle = find.toLowerCase();
  const matching = lines.filter(
    (line) => needle === '' || JSON.stringify(line.fields).toLowerCase().includes(needle),
  );
  const shown = matching.slice(0, MAX_LINES);
  if (shown.length === 0) return html`<p class="none">No line.</p>`;
  return html`<ol class="lines" data-filtered>${shown.map(
    (line) =>
      html`<li id="${ids.get(line) ?? ''}"><details><summary><span class="offset">${offset(line.timeMs - startMs)}</span> <span class="level level-${slug(line.level)}">${line.level}</span> <b>${line.service}</b> ${line.message}</summary>${pairs(line.fields)}</details></li>`,
  )}</ol>${lines.length > shown.length ? html`<p class="more">${(lines.length - shown.length).toLocaleString('en')} more lines are not shown.</p>` : ''}`;
}

function offset(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${duration(Math.abs(ms))}`;
}

function seriesSection({ series }: Timeline): Html {
  if (series.length === 0) return html``;
  return html`<section aria-labelledby="h-series"><h2 id="h-series">Counted in</h2><ul class="series">${series.map(
    ({ labels: { __name__: name, ...labels }, value }) =>
      html`<li><code>${name}{${Object.entries(labels)
        .map(([key, text]) => `${key}="${text}"`)
        .join(', ')}}</code> ${value}</li>`,
  )}</ul></section>`;
}

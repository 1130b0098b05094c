/**
 * The story of one request.
 *
 * @module
 */
import { findKind } from '@breakwater/errors';
import { type Answer, compareLines, type LogLine, readStory, type Story } from '@breakwater/story';
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { KnownError } from '../processes.ts';
import { statusClass } from '../view/failures.ts';
import { clock, duration, type Html, slug } from '../view/format.ts';
import { problems } from '../view/layout.ts';
import { MAX_LINES, pairs, rowsOf, waterfall } from '../view/waterfall.ts';
import { attempt } from './attempt.ts';

/** The page of a trace; `find` keeps what has that text. */
export async function tracePage(
  { telemetry, processes, now }: Context,
  traceId: string,
  find: string,
): Promise<Html> {
  const found: string[] = [];
  const story = await attempt(readStory(telemetry.sources, traceId, now()), undefined, found);
  if (!story) return unknown(traceId, found);
  const [kinds, running] = await Promise.all([
    story.answer ? processes.errors() : [],
    telemetry.running(story.links),
  ]);
  const kind = kinds.find(({ code }) => code === story.answer?.errorCode);
  const lines = linesOf(story);
  const shown = rowsOf(story, find);
  const ids = new Map(lines.slice(0, MAX_LINES).map((line, i) => [line, `line-${i}`]));
  return html`${problems(found)}
<p class="lead"><code>${traceId}</code> <button type="button" data-copy="${traceId}">Copy</button> · ${clock(story.startMs)} · ${duration(story.durationMs)} · ${story.services.join(', ') || 'no span yet'}</p>
${links(running)}
${answerSection(story, kind)}
<section aria-labelledby="h-waterfall"><h2 id="h-waterfall">What happened <span class="count">${shown.spans.toLocaleString('en')} spans</span></h2>
<form class="find"><label>Find in this trace <input type="search" name="find" value="${find}" data-filter></label><button>Find</button></form>
${shown.spans === 0 ? html`<p class="none" data-reload>No span has arrived yet.</p>` : waterfall(shown, story, ids)}</section>
<section aria-labelledby="h-lines"><h2 id="h-lines">Log lines, in order <span class="count">${lines.length.toLocaleString('en')}</span></h2>
${lineList(lines, ids, story.startMs, find)}</section>
${seriesSection(story)}`;
}

function unknown(traceId: string, found: readonly string[]): Html {
  return html`${problems(found)}
<p class="none" data-reload>Nothing is known of <code>${traceId}</code> yet. Spans and lines arrive within seconds; this page looks again.</p>
<p>Check the id against <code>X-Trace-ID</code> of the response, or <a href="/trace">look for the failure</a>.</p>`;
}

function links(links: Story['links']): Html {
  const entries = Object.entries(links);
  if (entries.length === 0) return html``;
  return html`<p class="links">${entries.map(
    ([name, url]) => html`<a href="${url}" rel="noreferrer">${name}</a> `,
  )}</p>`;
}

function answerSection(story: Story, known: KnownError | undefined): Html {
  const { answer } = story;
  if (!answer) return html`<p class="none">The request did not fail.</p>`;
  const kind = known ?? findKind(answer.errorCode);
  return html`<section aria-labelledby="h-answer" class="answer"><h2 id="h-answer">What the client saw</h2>
<p><span class="status ${statusClass(answer.status)}">${answer.status}</span> <a href="/catalogue#${answer.errorCode}"><code>${answer.errorCode}</code></a> from ${answer.service}, <code>${answer.method} ${answer.route}</code></p>
<pre tabindex="0" aria-label="The response">${responseOf(story.traceId, answer)}</pre>
${
  kind
    ? html`<dl class="advice"><div><dt>What it means</dt><dd>${kind.meaning}</dd></div><div><dt>The client should</dt><dd>${kind.client}</dd></div><div><dt>The operator should</dt><dd>${kind.operator}</dd></div><div><dt>May succeed later</dt><dd>${kind.retryable ? 'yes, where the operation is idempotent' : 'no'}</dd></div></dl>`
    : html`<p>No service that answers has this code in its catalogue.</p>`
}</section>`;
}

/** The body in the default format of the contract, of which the others are renderings. */
function responseOf(traceId: string, answer: Answer): string {
  const body = {
    trace_id: traceId,
    error_code: answer.errorCode,
    message: answer.message,
    status_code: answer.status,
    service_name: answer.service,
    context: answer.context,
  };
  return `X-Trace-ID: ${traceId}\nX-Request-ID: ${answer.requestId}\n\n${JSON.stringify(body, null, 2)}`;
}

/** All lines, oldest first, each once. */
function linesOf(story: Story): LogLine[] {
  const lines = [...story.strayLines];
  const pending = [...story.roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const entry of node.entries) {
      if (entry.type === 'line') lines.push(entry.line);
      if (entry.type === 'span') pending.push(entry.node);
    }
  }
  return lines.sort(compareLines);
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

function seriesSection({ series }: Story): Html {
  if (series.length === 0) return html``;
  return html`<section aria-labelledby="h-series"><h2 id="h-series">Counted in</h2><ul class="series">${series.map(
    ({ labels: { __name__: name, ...labels }, value }) =>
      html`<li><code>${name}{${Object.entries(labels)
        .map(([key, text]) => `${key}="${text}"`)
        .join(', ')}}</code> ${value}</li>`,
  )}</ul></section>`;
}

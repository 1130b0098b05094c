/**
 * Finding the timeline of a request by what is known of it.
 *
 * @module
 */
import { type AnswerQuery, readAnswers } from '@breakwater/timeline';
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import { answersProblems, failureTable } from '../view/failures.ts';
import type { Html } from '../view/format.ts';
import { problems } from '../view/layout.ts';

const LIMIT = 100;
/** How far back, in minutes. */
const SPANS = [15, 60, 360, 1_440] as const;
const DEFAULT_SPAN = 60;

/** What was asked for. */
export interface Search {
  readonly q: string;
  readonly service: string;
  readonly minutes: number;
  readonly failedOnly: boolean;
}

/** Reads the form; what is out of bounds becomes the default. */
export function readSearch(parameters: URLSearchParams): Search {
  const minutes = Number(parameters.get('minutes'));
  return {
    q: (parameters.get('q') ?? '').trim().slice(0, 200),
    service: (parameters.get('service') ?? '').slice(0, 100),
    minutes: SPANS.find((span) => span === minutes) ?? DEFAULT_SPAN,
    failedOnly: parameters.get('all') === null,
  };
}

/** The trace id in what was typed: by itself, or within a `traceparent`. */
export function traceIdIn(q: string): string | undefined {
  const id = q.match(/^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/i)?.[1];
  return id && !/^0+$/.test(id) ? id.toLowerCase() : undefined;
}

/** What the text means: a route, a code, or else a request id. */
function meaning(q: string): Pick<AnswerQuery, 'route' | 'errorCode' | 'requestId'> {
  if (q === '') return {};
  if (q.startsWith('/')) return { route: q };
  return /^[A-Z][A-Z0-9_]*(?:-\d{3})?$/.test(q) ? { errorCode: q } : { requestId: q };
}

/** The form and what it found. */
export async function searchPage(
  { telemetry, processes, now }: Context,
  search: Search,
): Promise<Html> {
  const { q, service, minutes, failedOnly } = search;
  const range = { fromMs: now() - minutes * 60_000, toMs: now() };
  const query = { range, limit: LIMIT, failedOnly, ...meaning(q) };
  const list = await readAnswers(telemetry.sources, service ? { ...query, service } : query);
  const count = list.answers.length;
  const services = [...new Set(processes.places().map((place) => place.service))];
  return html`<form class="find" action="/trace">
<label>Trace id, request id, code or route <input type="search" name="q" value="${q}"></label>
<label>Service <select name="service"><option value="">any</option>${services.map(
    (name) => html`<option ${name === service ? 'selected' : ''}>${name}</option>`,
  )}</select></label>
<label>Within <select name="minutes">${SPANS.map(
    (span) =>
      html`<option value="${span}" ${span === minutes ? 'selected' : ''}>${span < 60 ? `${span} minutes` : `${span / 60} h`}</option>`,
  )}</select></label>
<label class="check"><input type="checkbox" name="all" value="1" ${failedOnly ? '' : 'checked'}> successes too</label>
<button class="primary">Find</button>
</form>
${problems(answersProblems(list))}
<p>${count === LIMIT ? `The newest ${LIMIT}` : count} ${count === 1 ? 'answer' : 'answers'}, newest first.</p>
${failureTable(list, 'Nothing was found. Look further back, or for successes too.')}`;
}

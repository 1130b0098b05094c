/**
 * A list of answers, each of which leads to its timeline.
 *
 * @module
 */
import { type AnswerList, isComplete } from '@breakwater/timeline';
import { html } from 'hono/html';
import { clock, duration, type Html } from './format.ts';

/** What of the list could not be read, and what stands in for it, as sentences. */
export function answersProblems({ lines, metrics }: AnswerList): string[] {
  const why = lines.why === undefined ? [] : [lines.why];
  if (!metrics) return why;
  if (metrics.state === 'failed') return [...why, ...(metrics.why ? [metrics.why] : [])];
  return [
    ...why,
    'Failures are listed by the traces that metrics name, one for each code and scrape: there may be more.',
  ];
}

/** The answers as a table; `none` is said only when all were asked and there is none. */
export function failureTable(list: AnswerList, none: string): Html {
  const { answers, lines, more } = list;
  if (answers.length === 0) {
    const text = isComplete(lines) ? none : 'Not known: not all could be read, see above.';
    return html`<p class="none">${text}</p>`;
  }
  const told = new Set<string>();
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of answers"><table class="answers stacked">
<thead><tr><th scope="col">Time</th><th scope="col">Answer</th><th scope="col">Request</th><th scope="col">Service</th><th scope="col" class="number">Took</th><th scope="col">Message</th></tr></thead>
<tbody>${answers.map((answer) => {
    const { traceId, timeMs, status, errorCode, method, route, service, durationMs } = answer;
    const others = told.has(traceId) ? 0 : (more.get(traceId) ?? 0);
    told.add(traceId);
    const message = answer.message ?? 'not known: its line is missing';
    return html`<tr>
<td>${clock(timeMs)}</td>
<td><a href="/trace/${traceId}"><span class="status ${statusClass(status)}">${status ?? '–'}</span> ${errorCode ?? (status === undefined || status >= 400 ? 'no code' : 'OK')}</a></td>
<td><code>${method ?? ''} ${route ?? ''}</code></td>
<td>${service}</td>
<td class="number">${duration(durationMs ?? Number.NaN)}</td>
<td class="message">${message}${answer.requestId ? html` <span class="why">request ${answer.requestId}</span>` : ''}${others > 0 ? html` <span class="why">and ${others.toLocaleString('en')} more of this trace id</span>` : ''}</td>
</tr>`;
  })}</tbody></table></div>`;
}

/** How bad a status is, as a class; one that is not known is one of a failure. */
export function statusClass(status: number | undefined): string {
  if (status === undefined || status >= 500) return 'server-error';
  return status >= 400 ? 'client-error' : 'fine';
}

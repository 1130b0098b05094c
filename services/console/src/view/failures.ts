/**
 * A list of answers, each of which leads to its story.
 *
 * @module
 */
import type { AnsweredRequest } from '@breakwater/story';
import { html } from 'hono/html';
import { clock, duration, type Html } from './format.ts';

/** One answer a trace: the last to be given is the one that the client got. */
export function outermost(answers: readonly AnsweredRequest[]): AnsweredRequest[] {
  const byTrace = new Map<string, AnsweredRequest>();
  for (const answer of answers) {
    const kept = byTrace.get(answer.traceId);
    if (!kept || isOutside(answer, kept)) byTrace.set(answer.traceId, answer);
  }
  return [...byTrace.values()];
}

/** Two that were given in the same millisecond: the one that took longer waited for the other. */
function isOutside(answer: AnsweredRequest, kept: AnsweredRequest): boolean {
  if (answer.timeMs !== kept.timeMs) return answer.timeMs > kept.timeMs;
  return answer.durationMs > kept.durationMs;
}

/** The answers as a table. */
export function failureTable(answers: readonly AnsweredRequest[], none: string): Html {
  if (answers.length === 0) return html`<p class="none">${none}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of answers"><table class="answers stacked">
<thead><tr><th scope="col">Time</th><th scope="col">Answer</th><th scope="col">Request</th><th scope="col">Service</th><th scope="col" class="number">Took</th><th scope="col">Message</th></tr></thead>
<tbody>${answers.map(
    (answer) => html`<tr>
<td>${clock(answer.timeMs)}</td>
<td><a href="/trace/${answer.traceId}"><span class="status ${statusClass(answer.status)}">${answer.status}</span> ${answer.errorCode ?? 'OK'}</a></td>
<td><code>${answer.method} ${answer.route}</code></td>
<td>${answer.service}</td>
<td class="number">${duration(answer.durationMs)}</td>
<td class="message">${answer.message}</td>
</tr>`,
  )}</tbody></table></div>`;
}

/** How bad a status is, as a class. */
export function statusClass(status: number): string {
  if (status >= 500) return 'server-error';
  return status >= 400 ? 'client-error' : 'fine';
}

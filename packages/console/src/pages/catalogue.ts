/**
 * Every error the services can answer, and what to do about it.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import { statusClass } from '../view/failures.ts';
import type { Html } from '../view/format.ts';

/** The catalogue of the services that answer. */
export async function cataloguePage({ processes }: Context): Promise<Html> {
  const errors = await processes.errors();
  return html`<p>${errors.length} errors, from <code>/errors</code> of the services that answer.</p>
<form class="find"><label>Find <input type="search" name="find" data-filter></label></form>
<div class="scroll" tabindex="0" role="region" aria-label="Table of errors"><table class="catalogue stacked" data-filtered>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th><th scope="col">The client should</th><th scope="col">The operator should</th><th scope="col">Services</th></tr></thead>
<tbody>${errors.map(
    ({ code, status, meaning, client, operator, services, retryable }) =>
      html`<tr id="${code}"><th scope="row"><a href="/trace?q=${code}"><code>${code}</code></a></th><td><span class="status ${statusClass(status)}">${status}</span>${retryable ? html` <span class="kind">may succeed later</span>` : ''}</td><td>${meaning}</td><td>${client}</td><td>${operator}</td><td>${services.join(', ')}</td></tr>`,
  )}</tbody></table></div>`;
}

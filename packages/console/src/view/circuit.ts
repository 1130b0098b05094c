/**
 * A circuit of one process: what it does, since when, why, and when it tries again.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Circuit, Transition } from '../processes.ts';
import { clock, counting, type Html, words } from './format.ts';

const SEVERITY = ['open', 'isolated', 'half_open', 'closed'];

/** Those that refuse calls first, each group by name. */
export function bySeverity(circuits: readonly Circuit[]): Circuit[] {
  const key = (each: Circuit) =>
    `${SEVERITY.indexOf(each.state)} ${each.service} ${each.address} ${each.name}`;
  return circuits.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The card; `more` is put at its end. */
export function circuitCard(circuit: Circuit, more: Html | '' = ''): Html {
  const { service, address, name, state, since, probes_at, failures } = circuit;
  const last = circuit.last_transition;
  return html`<article class="circuit state-${state}" data-circuit="${service}/${name}">
<h3>${service} <span aria-hidden="true">→</span><span class="unseen"> to </span> ${name}</h3>
<p class="state"><span class="badge state-${state}">${words(state)}</span> for ${counting(since)}</p>
<dl>
${
  circuit.onlyState
    ? ''
    : last
      ? html`<div><dt>Last move</dt><dd>${transitionText(last)}</dd></div>`
      : html`<div><dt>Last move</dt><dd>none since it started</dd></div>`
}
${probes_at ? html`<div><dt>${state === 'isolated' ? 'Ends' : 'Probes'} in</dt><dd>${counting(probes_at)}</dd></div>` : ''}
${failures > 0 ? html`<div><dt>Failures that count</dt><dd>${failures}</dd></div>` : ''}
<div><dt>Process</dt><dd>${address}</dd></div>
</dl>
${more}</article>`;
}

/** A move in words, with the trace that did it. */
export function transitionText(move: Transition): Html {
  const { at, from, to, reason, error_type, by, why, trace_id } = move;
  return html`${clock(at)} ${words(from)} → ${words(to)}, ${words(reason)}${
    error_type ? html` (<code>${error_type}</code>)` : ''
  }${by ? ` by ${by}` : ''}${why ? `: ${why}` : ''}${
    trace_id && !/^0+$/.test(trace_id)
      ? html`, <a href="/trace/${trace_id}">the call that did it</a>`
      : ''
  }`;
}

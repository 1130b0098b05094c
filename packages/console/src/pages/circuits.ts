/**
 * Circuits and their history, to isolate and to release.
 *
 * @module
 */
import type { BreakerSeries, TimeRange } from '@breakwater/timeline';
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { Update } from '../live.ts';
import type { Circuit } from '../processes.ts';
import { circuitCard, transitionText } from '../view/circuit.ts';
import { type Html, textOf, words } from '../view/format.ts';
import { NOT_KNOWN, problems } from '../view/layout.ts';
import { stretchesOf, strip } from '../view/sparkline.ts';
import { attempt } from './attempt.ts';

const MINUTES = 15;
const STEP_MS = 5_000;

/** The parts of the page, by the id of their element. */
export async function circuitParts({ telemetry, processes, now }: Context): Promise<Update> {
  const found: string[] = [];
  const range = { fromMs: now() - MINUTES * 60_000, toMs: now() };
  const [circuits, series = []] = await Promise.all([
    attempt(processes.circuits(), found),
    attempt(telemetry.sources.breakers(range, STEP_MS), found),
  ]);
  if (circuits?.incomplete) found.push(circuits.incomplete);
  // In an order of their own, so that what is about to be pressed does not move away.
  const told = circuits?.incomplete && circuits.found.length === 0 ? undefined : circuits?.found;
  const ordered = told?.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    fragments: {
      'circuits-problems': await textOf(problems(found)),
      'circuits-list': await textOf(ordered ? list(ordered, series, range) : html`${NOT_KNOWN}`),
    },
  };
}

function key({ service, address, name }: Circuit): string {
  return `${service} ${address} ${name}`;
}

function list(
  circuits: readonly Circuit[],
  series: readonly BreakerSeries[],
  range: TimeRange,
): Html {
  if (circuits.length === 0) return html`<p class="none">No process told of a circuit.</p>`;
  return html`<div class="cards">${circuits.map((circuit) =>
    circuitCard(
      circuit,
      html`${history(circuit, series, range)}${circuit.onlyState ? '' : steering(circuit)}`,
    ),
  )}</div>`;
}

function history(circuit: Circuit, series: readonly BreakerSeries[], range: TimeRange): Html {
  const { service, address, name, transitions } = circuit;
  const [dependency] = name.split('/');
  const found = series.find(
    (each) => each.service === service && each.instance === address && each.breaker === dependency,
  );
  const label = `States of ${name} over ${MINUTES} minutes, now ${words(circuit.state)}`;
  return html`${found ? strip(stretchesOf(found.points, range), label) : ''}
${
  transitions.length > 1
    ? html`<details class="history" data-keep="history ${key(circuit)}"><summary>History</summary><ol>${transitions.map(
        (move) => html`<li>${transitionText(move)}</li>`,
      )}</ol></details>`
    : ''
}`;
}

function steering({ address, name, state, service }: Circuit): Html {
  const release = state === 'isolated';
  const action = release ? 'release' : 'isolate';
  return html`<details class="steer" data-keep="steer ${address} ${name} ${action}"><summary>${release ? 'Release' : 'Isolate'}</summary>
<form data-post="/circuits/${action}" aria-label="${release ? 'Release' : 'Isolate'} ${service} to ${name}">
<input type="hidden" name="address" value="${address}">
<input type="hidden" name="breaker" value="${name}">
<label>Who <input name="by" required maxlength="100" autocomplete="username" data-remember="by"></label>
<label>Why <input name="why" required maxlength="500" autocomplete="off"></label>
${
  release
    ? ''
    : html`<label>For <select name="for_s" data-number><option value="60">1 minute</option><option value="300" selected>5 minutes</option><option value="900">15 minutes</option><option value="3600">1 hour</option></select></label>`
}
<button class="primary">${release ? 'Release' : 'Isolate'}</button>
</form></details>`;
}

/** The contents of the page, with its parts as they are now. */
export function circuitsPage(parts: Readonly<Record<string, Html>>): Html {
  return html`<p>Each process has circuits of its own. An isolated one refuses every call until its time is over or it is released; then the next calls are probes.</p>
<h2 class="unseen">Every circuit of every process</h2>
<div id="circuits-problems">${parts['circuits-problems']}</div>
<div id="circuits-list">${parts['circuits-list']}</div>`;
}

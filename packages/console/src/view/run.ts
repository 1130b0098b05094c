/**
 * A run of an experiment: how it goes, and what came out.
 *
 * @module
 */

import { html } from 'hono/html';
import type { TimelineSample } from '../experiments/journal.ts';
import type { Run } from '../experiments/run.ts';
import type { Chart } from './charts.ts';
import { clock, duration, type Html, words } from './format.ts';
import { stretchesOf, strip } from './sparkline.ts';

/** The verdict, or what the run is doing. */
export function verdictBadge({ verdict }: Pick<Run, 'verdict'>, running: boolean): Html {
  if (verdict) return html`<span class="badge verdict-${verdict}">${verdict}</span>`;
  return running
    ? html`<span class="badge verdict-running">running</span>`
    : html`<span class="badge verdict-error">cut off</span>`;
}

/** The curves of a run, by the end of their ids. */
export function runCharts(samples: readonly TimelineSample[]): Record<string, Chart> {
  const t = samples.map((sample) => sample.t);
  const column = (
    name: string,
    title: string,
    unit: string,
    value: (s: TimelineSample) => number,
  ): Chart => ({
    ...{ title, unit, series: [name] },
    columns: [t, samples.map(value)],
  });
  return {
    rate: column('requests', 'Requests', 'a second', ({ rate }) => rate),
    errors: column('failed', 'Failed', '%', ({ error_rate }) => error_rate * 100),
    p99: column('p99', 'p99', 'ms', ({ p99_ms }) => p99_ms),
  };
}

/** One strip for each circuit that is watched. */
export function runStrips(samples: readonly TimelineSample[]): Html {
  const names = [...new Set(samples.flatMap(({ breakers }) => Object.keys(breakers)))];
  const end = Math.max(1, samples.at(-1)?.t ?? 1);
  const start = samples[0]?.t ?? 0;
  return html`<dl class="strips">${names.map((name) => {
    const points = samples.map(({ t, breakers }) => ({
      timeMs: t,
      state: breakers[name] ?? 'unknown',
    }));
    const stretches = stretchesOf(points, { fromMs: start, toMs: end });
    const now = samples.at(-1)?.breakers[name] ?? 'unknown';
    return html`<div><dt>${name} <span class="badge state-${now}">${words(now)}</span></dt><dd>${strip(stretches, `States of ${name}, at last ${words(now)}`)}</dd></div>`;
  })}</dl>`;
}

/** What the run said that it did. */
export function stepList({ steps }: Pick<Run, 'steps'>): Html {
  if (steps.length === 0) return html`<p class="none">No step yet.</p>`;
  return html`<ol class="steps">${steps.map(
    ({ at, phase, step }) => html`<li>${clock(at)} <b>${phase}</b> ${step}</li>`,
  )}</ol>`;
}

/** Statements and faults, once there is a journal. */
export function outcome({
  statements,
  injections,
  recoveredS,
  undoVerified,
  durationS,
}: Run): Html {
  if (statements.length === 0 && injections.length === 0) return html``;
  return html`<ul class="facts">
${durationS === undefined ? '' : html`<li>took ${duration(durationS * 1_000)}</li>`}
${recoveredS === undefined ? '' : html`<li>${recoveredS === null ? 'did not recover' : `well again ${recoveredS} s after the fault`}</li>`}
${undoVerified === undefined ? '' : html`<li>${undoVerified ? 'every fault was seen to be gone' : 'a fault may be left: clear all faults'}</li>`}
</ul>
<div class="scroll" tabindex="0" role="region" aria-label="Table of statements"><table class="statements stacked">
<thead><tr><th scope="col">Held</th><th scope="col">When</th><th scope="col">Statement</th><th scope="col">Expected</th><th scope="col">Observed</th></tr></thead>
<tbody>${inOrder(statements).map(
    ({ held, during, name, expected, observed }) =>
      html`<tr class="${held ? '' : 'failing'}"><td>${held ? 'yes' : 'no'}</td><td>${during}</td><td>${name}</td><td>${expected}</td><td>${observed}</td></tr>`,
  )}</tbody></table></div>
<ul class="injections">${injections.map(
    ({ fault, landed, proof }) =>
      html`<li><b>${fault}</b>: ${landed ? 'it struck' : 'it did not strike'}, ${proof}</li>`,
  )}</ul>`;
}

const ORDER = ['baseline', 'injection', 'after'];

function inOrder(statements: Run['statements']): Run['statements'] {
  return statements.toSorted((a, b) => ORDER.indexOf(a.during) - ORDER.indexOf(b.during));
}

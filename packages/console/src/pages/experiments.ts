/**
 * Experiments: what can be run, what runs, what came out, and which faults are active.
 *
 * @module
 */

import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { Started } from '../experiments/experiments.ts';
import type { ListedExperiment, ListedFault } from '../experiments/journal.ts';
import type { Run } from '../experiments/run.ts';
import type { Update } from '../live.ts';
import { clock, counting, type Html, textOf } from '../view/format.ts';
import { NOT_KNOWN, problems } from '../view/layout.ts';
import { verdictBadge } from '../view/run.ts';
import { attempt } from './attempt.ts';

/** The parts of the page, by the id of their element. */
export async function experimentParts({ experiments }: Context): Promise<Update> {
  const found: string[] = [];
  const { started, available } = experiments;
  const list = available ? experiments.list.look() : [];
  const faults = available ? experiments.faults.look() : [];
  for (const { problem } of [experiments.list, experiments.faults])
    if (problem) found.push(problem);
  const runs = await attempt(experiments.reports.list(), found);
  return {
    fragments: {
      'experiments-problems': await textOf(problems(found)),
      'experiments-running': await textOf(runningSection(started, runs ?? [])),
      'experiments-faults': await textOf(faultSection(faults, available)),
      'experiments-list': await textOf(listSection(list, available, started?.running === true)),
      'experiments-runs': await textOf(runs ? runSection(runs, started) : NOT_KNOWN),
    },
  };
}

const ASKING = html`<p class="none">Asking …</p>`;

function runningSection(started: Started | undefined, runs: readonly Run[]): Html {
  if (!started) return html`<p class="none">None was started from here.</p>`;
  const { name, running, said, pid } = started;
  const run = runs.find((each) => each.pid === pid);
  const title = run ? html`<a href="/experiments/${run.testid}">${name}</a>` : html`${name}`;
  if (!running) return html`<p>${title} has ended. <span class="why">${said}</span></p>`;
  return html`<p><span class="badge verdict-running">running</span> ${title} <span class="why">${said}</span></p>
<form data-post="/experiments/stop"><button>Stop it</button></form>`;
}

function faultSection(faults: readonly ListedFault[] | undefined, available: boolean): Html {
  if (!available)
    return html`<p class="none">Not known here: <code>npm run chaos -- faults</code> lists them where the repository is.</p>`;
  if (!faults) return ASKING;
  if (faults.length === 0) return html`<p class="none">No fault is active.</p>`;
  return html`<ul class="faults">${faults.map(
    ({ holder, fault, expires_at }) =>
      html`<li><b>${holder}</b>: ${fault}, ends in ${counting(expires_at)}</li>`,
  )}</ul>
<form data-post="/faults/clear"><button class="danger">Clear all faults</button></form>`;
}

function listSection(
  list: readonly ListedExperiment[] | undefined,
  available: boolean,
  running: boolean,
): Html {
  if (!available) {
    return html`<p class="none">Experiments cannot run here: they need the repository and its processes, and EXPERIMENTS_COMMAND is not set. Run them there: <code>npm run chaos -- NAME</code>.</p>`;
  }
  if (!list) return ASKING;
  return html`<ul class="cards experiments">${list.map(
    ({
      name,
      title,
      description,
      duration_s,
    }) => html`<li class="card"><h3>${name}</h3><p><b>${title}</b></p><p>${description}</p>
<form data-post="/experiments"><input type="hidden" name="name" value="${name}"><button class="primary" ${running ? 'disabled' : ''} aria-label="Start ${name}">Start</button> <span class="why">about ${Math.round(duration_s)} s</span></form></li>`,
  )}</ul>`;
}

function runSection(runs: readonly Run[], started: Started | undefined): Html {
  if (runs.length === 0) return html`<p class="none">No run has left a report here.</p>`;
  const live = (run: Run) => started?.running === true && run.pid === started.pid;
  return html`<form class="compare" action="/experiments/compare"><div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table class="runs stacked">
<thead><tr><th scope="col">Compare</th><th scope="col">Run</th><th scope="col">Started</th><th scope="col">Verdict</th><th scope="col">Why</th></tr></thead>
<tbody>${runs.map(
    (
      run,
    ) => html`<tr><td><input type="checkbox" name="run" value="${run.testid}" aria-label="Compare ${run.testid}"></td>
<td><a href="/experiments/${run.testid}">${run.experiment}</a></td><td>${run.startedAt ? html`${run.startedAt.slice(0, 10)} ${clock(run.startedAt)}` : ''}</td><td>${verdictBadge(run, live(run))}</td><td class="message">${run.reason}</td></tr>`,
  )}</tbody></table></div><button>Compare two</button></form>`;
}

/** The contents of the page, with its parts as they are now. */
export function experimentsPage(parts: Readonly<Record<string, Html>>): Html {
  return html`<div id="experiments-problems">${parts['experiments-problems']}</div>
<section aria-labelledby="h-running"><h2 id="h-running">Running</h2><div id="experiments-running">${parts['experiments-running']}</div></section>
<section aria-labelledby="h-faults"><h2 id="h-faults">Active faults</h2><div id="experiments-faults">${parts['experiments-faults']}</div></section>
<section aria-labelledby="h-list"><h2 id="h-list">What can be run</h2><div id="experiments-list">${parts['experiments-list']}</div></section>
<section aria-labelledby="h-runs"><h2 id="h-runs">Runs</h2><div id="experiments-runs">${parts['experiments-runs']}</div></section>`;
}

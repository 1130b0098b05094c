/**
 * One run, live while it lasts; and two of them side by side.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { Run } from '../experiments/run.ts';
import type { Update } from '../live.ts';
import { chartPlace } from '../view/charts.ts';
import { type Html, textOf } from '../view/format.ts';
import { outcome, runCharts, runStrips, stepList, verdictBadge } from '../view/run.ts';

/** The parts of the page of a run; undefined when there is no such run. */
export async function runParts(context: Context, testid: string): Promise<Update | undefined> {
  const { experiments } = context;
  const run = await experiments.reports.read(testid);
  if (!run) return undefined;
  const { started } = experiments;
  const running = started?.running === true && started.pid === run.pid;
  return {
    fragments: {
      'run-head': await textOf(head(run, running)),
      'run-outcome': await textOf(outcome(run)),
      'run-strips': await textOf(runStrips(run.samples)),
      'run-steps': await textOf(stepList(run)),
    },
    charts: withPrefix('run', run),
  };
}

function withPrefix(prefix: string, { samples }: Run) {
  const charts = Object.entries(runCharts(samples));
  return Object.fromEntries(charts.map(([name, chart]) => [`${prefix}-${name}`, chart]));
}

function head(run: Run, running: boolean): Html {
  const last = run.samples.at(-1);
  const progress =
    running && last
      ? html` <span class="why">${last.phase}, ${last.left_s ?? 0} s left of it</span>`
      : '';
  return html`<p class="lead">${verdictBadge(run, running)} ${run.reason}${progress}</p>
${running ? html`<form data-post="/experiments/stop"><button>Stop it</button></form>` : ''}
${!running && run.verdict ? html`<p><a href="/experiments/${run.testid}/report">The report of this run</a></p>` : ''}`;
}

/** The contents of the page, with its parts as they are now. */
export function runPage(parts: Readonly<Record<string, Html>>, charts: Update['charts']): Html {
  return html`<div id="run-head">${parts['run-head']}</div>
<div id="run-outcome">${parts['run-outcome']}</div>
<section aria-labelledby="h-curves"><h2 id="h-curves">Second by second</h2>
<div class="charts">${Object.entries(charts ?? {}).map(([id, chart]) => chartPlace(id, chart as never))}</div>
<div id="run-strips">${parts['run-strips']}</div></section>
<section aria-labelledby="h-steps"><h2 id="h-steps">Steps</h2><div id="run-steps">${parts['run-steps']}</div></section>`;
}

/** Two runs side by side; a sentence where there are not two. */
export async function comparePage({ experiments }: Context, ids: readonly string[]): Promise<Html> {
  const read = await Promise.all(ids.slice(0, 2).map((id) => experiments.reports.read(id)));
  const runs = read.filter((run) => run !== undefined);
  if (runs.length < 2) {
    return html`<p class="none">Choose two runs that have a report. <a href="/experiments">Back to the runs</a></p>`;
  }
  return html`<div class="side-by-side">${runs.map(
    (
      run,
      i,
    ) => html`<section aria-labelledby="h-run-${i} id-run-${i}"><h2 id="h-run-${i}"><a href="/experiments/${run.testid}">${run.experiment}</a></h2>
<p id="id-run-${i}">${run.testid}</p>
${head(run, false)}
<div class="charts">${Object.entries(withPrefix(`run${i}`, run)).map(([id, chart]) => chartPlace(id, chart))}</div>
${runStrips(run.samples)}
${outcome(run)}</section>`,
  )}</div>`;
}

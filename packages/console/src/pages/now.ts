/**
 * The first page: how everything is at this moment.
 *
 * @module
 */
import {
  type AnswerList,
  type Bound,
  readAnswers,
  type ServiceTraffic,
} from '@breakwater/timeline';
import { html } from 'hono/html';
import type { Context } from '../app.ts';
import type { Update } from '../live.ts';
import type { Circuit, Health } from '../processes.ts';
import { bySeverity, circuitCard } from '../view/circuit.ts';
import { answersProblems, failureTable } from '../view/failures.ts';
import { amount, type Html, quantity, slug, textOf } from '../view/format.ts';
import { NOT_KNOWN, problems } from '../view/layout.ts';
import { sparkline } from '../view/sparkline.ts';
import { attempt } from './attempt.ts';

const MINUTES = 10;
const STEP_MS = 10_000;
const FAILURES = 10;
const UNMATCHED = 'unmatched';

/** What the page shows. */
interface NowView {
  readonly health: readonly Health[] | undefined;
  readonly traffic: readonly ServiceTraffic[];
  readonly circuits: readonly Circuit[] | undefined;
  readonly failures: AnswerList;
  readonly bounds: readonly Bound[];
  readonly kind: 'embedded' | 'backends';
  readonly problems: readonly string[];
}

async function readNow({ telemetry, processes, now }: Context): Promise<NowView> {
  const { sources } = telemetry;
  const range = { fromMs: now() - MINUTES * 60_000, toMs: now() };
  const found: string[] = [];
  const [health, traffic = [], circuits, failures, bounds = []] = await Promise.all([
    attempt(processes.health(), found),
    attempt(sources.traffic(range, STEP_MS), found),
    attempt(processes.circuits(), found),
    // What no operation took says nothing about the services; the search has it.
    readAnswers(sources, { range, limit: FAILURES, failedOnly: true, exceptRoute: UNMATCHED }),
    attempt(sources.bounds(), found),
  ]);
  if (circuits?.incomplete) found.push(circuits.incomplete);
  found.push(...answersProblems(failures));
  const { kind } = sources;
  const told = circuits?.incomplete && circuits.found.length === 0 ? undefined : circuits?.found;
  return { health, traffic, circuits: told, failures, bounds, kind, problems: found };
}

/** The parts of the page, by the id of their element. */
export async function nowParts(context: Context): Promise<Update> {
  const view = await readNow(context);
  return {
    fragments: {
      'now-problems': await textOf(problems(view.problems)),
      'now-services': await textOf(services(view)),
      'now-circuits': await textOf(circuitCards(view.circuits)),
      'now-failures': await textOf(
        failureTable(view.failures, `No answer has failed in the last ${MINUTES} minutes.`),
      ),
      'now-bounds': await textOf(boundList(view)),
    },
  };
}

function services({ health, traffic }: NowView): Html {
  if (!health) return html`${NOT_KNOWN}`;
  if (health.length === 0) {
    return html`<p class="none">No service is known: the file of targets (TARGETS_FILE) is not there.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of services"><table class="services stacked">
<thead><tr><th scope="col">Service</th><th scope="col">Health</th><th scope="col">Requests a second</th><th scope="col">Server errors a second</th><th scope="col">p99</th></tr></thead>
<tbody>${health.map((each) => serviceRow(each, traffic))}</tbody></table></div>`;
}

function serviceRow({ service, state, why }: Health, traffic: readonly ServiceTraffic[]): Html {
  const points = traffic.find((each) => each.service === service)?.points ?? [];
  const last = points.at(-1);
  const p99 = last?.p99S === undefined ? '–' : `${quantity(last.p99S * 1_000)} ms`;
  const failing = (last?.serverErrorsPerS ?? 0) > 0;
  const line = (name: string, values: (number | undefined)[]) =>
    sparkline(values, `${name} of ${service} over ${MINUTES} minutes`);
  return html`<tr>
<th scope="row">${service}</th>
<td><span class="health ${slug(state)}">${state}</span>${why ? html` <span class="why">${why}</span>` : ''}</td>
<td><span class="value">${quantity(last?.ratePerS)}</span>${line(
    'requests a second',
    points.map(({ ratePerS }) => ratePerS),
  )}</td>
<td class="${failing ? 'failing' : ''}"><span class="value">${quantity(last?.serverErrorsPerS)}</span>${line(
    'server errors a second',
    points.map(({ serverErrorsPerS }) => serverErrorsPerS),
  )}</td>
<td><span class="value">${p99}</span>${line(
    'p99',
    points.map(({ p99S }) => p99S),
  )}</td>
</tr>`;
}

function circuitCards(circuits: readonly Circuit[] | undefined): Html {
  if (!circuits) return html`${NOT_KNOWN}`;
  if (circuits.length === 0) return html`<p class="none">No process told of a circuit.</p>`;
  return html`<div class="cards">${bySeverity(circuits).map((each) => circuitCard(each))}</div>`;
}

function boundList({ kind, bounds }: NowView): Html {
  if (kind === 'backends') {
    return html`<p>Traces are in Jaeger, lines in Loki, metrics in Prometheus, for as long as those keep them.</p>`;
  }
  return html`<p>No backend keeps telemetry: what is shown is in this process, within these bounds, and in the log files.</p>
<dl class="bounds">${bounds.map(
    ({ name, used, limit, unit, atLimit, dropped }) =>
      html`<div><dt>${name}</dt><dd><meter min="0" max="${limit}" value="${used}" aria-label="${name}"></meter> ${amount(used, unit)} of ${amount(limit, unit)}<span class="why">${atLimit}${dropped > 0 ? ` So far ${dropped.toLocaleString('en')}.` : ''}</span></dd></div>`,
  )}</dl>`;
}

/** The contents of the page, with its parts as they are now. */
export function nowPage(parts: Readonly<Record<string, Html>>): Html {
  return html`<div id="now-problems">${parts['now-problems']}</div>
<section aria-labelledby="h-failures"><h2 id="h-failures">Newest failures</h2><div id="now-failures">${parts['now-failures']}</div></section>
<section aria-labelledby="h-circuits"><h2 id="h-circuits">Circuits</h2><div id="now-circuits">${parts['now-circuits']}</div></section>
<section aria-labelledby="h-services"><h2 id="h-services">Services</h2><div id="now-services">${parts['now-services']}</div></section>
<section aria-labelledby="h-bounds"><h2 id="h-bounds">What is kept</h2><div id="now-bounds">${parts['now-bounds']}</div></section>`;
}

/**
 * Everything that only live backends can answer.
 *
 * @module
 */
import { DASHBOARDS } from '../all.ts';
import { place } from '../dashboard.ts';
import { OURS } from '../metrics.ts';
import { type Model, panelsOf } from '../offline/model.ts';
import { type AlertResult, checkAlerts } from './alerts.ts';
import type { Backends, Range } from './backends.ts';
import { followLinks, type LinkReport } from './follow-links.ts';
import { resolveVariables } from './interpolate.ts';
import { measurePanel, type PanelResult } from './measure.ts';
import type { Phase } from './scenarios.ts';

const STEP_S = 5;

export interface LiveReport {
  readonly phases: readonly Phase[];
  readonly panels: readonly PanelResult[];
  readonly links: LinkReport;
  readonly alerts: readonly AlertResult[];
  /** Variables that offer nothing. */
  readonly variables: readonly string[];
  /** What each annotation has to mark, by its name. */
  readonly annotations: Readonly<Record<string, number>>;
}

export async function verifyLive(
  model: Model,
  phases: readonly Phase[],
  backends: Backends,
): Promise<LiveReport> {
  const range = { fromS: phases[0]?.fromS ?? 0, toS: Date.now() / 1_000 };
  const traceId = (await backends.exemplars(OURS.errors, range)).at(-1)?.traceId ?? 'none';
  const panels: PanelResult[] = [];
  const empty: string[] = [];
  const offered: Record<string, readonly string[]> = {};
  for (const dashboard of model.dashboards) {
    const resolved = await resolveVariables(dashboard, backends, range, { traceId });
    Object.assign(offered, resolved.offered);
    for (const [name, values] of Object.entries(resolved.offered)) {
      if (values.length === 0) empty.push(`${dashboard.uid}: ${name} offers nothing`);
    }
    const spec = DASHBOARDS.find(({ uid }) => uid === dashboard.uid);
    const placed = spec ? place(spec) : [];
    for (const panel of panelsOf(dashboard)) {
      const declared = placed.find(({ id }) => id === panel.id);
      if (!declared || !('spec' in declared)) continue;
      panels.push(
        await measurePanel(dashboard, panel, declared.spec, resolved.values, phases, backends),
      );
    }
  }
  return {
    phases,
    panels,
    links: await followLinks(model, panels, offered, range, backends),
    alerts: await checkAlerts(model.rules, phases, backends),
    variables: empty,
    annotations: await countAnnotations(model, range, backends),
  };
}

/** Every dashboard has the same ones. */
async function countAnnotations(
  { dashboards: [dashboard] }: Model,
  range: Range,
  backends: Backends,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name, target } of dashboard?.annotations.list ?? []) {
    const { expr = '', datasource } = target;
    const marks =
      datasource.type === 'loki'
        ? (await backends.loki(expr, range, STEP_S, 100)).lines
        : await backends.prometheusRange(expr, range, STEP_S);
    found[name] = marks.length;
  }
  return found;
}

/** Everything that is wrong, one sentence each. */
export function liveProblems(report: LiveReport): string[] {
  const { panels, links, alerts, variables, annotations, phases } = report;
  const tripped = phases.some(({ name }) => name === 'provider-503');
  return [
    ...panels.flatMap(({ dashboard, id, title, problems }) =>
      problems.map((problem) => `${dashboard}/${id} "${title}": ${problem}`),
    ),
    ...alerts.flatMap(({ alert, problems }) => problems.map((problem) => `${alert} ${problem}`)),
    ...links.problems,
    ...variables,
    ...(tripped && annotations['Circuit transitions'] === 0
      ? ['no circuit transition is marked']
      : []),
  ];
}

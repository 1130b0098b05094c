/**
 * The rules of grafana's dashboard-linter that apply here, and those that its users miss.
 *
 * @module
 */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { promqlNames } from './expressions.ts';
import {
  type JsonDashboard,
  type JsonPanel,
  linksOf,
  type Model,
  panelsOf,
  variableQuery,
} from './model.ts';

/** Something that is wrong, and where. */
export interface Problem {
  readonly check: 'schema' | 'unit' | 'lint' | 'syntax' | 'name' | 'link';
  readonly where: string;
  readonly what: string;
}

const UNITS = new Set<unknown>(Object.values(units));
/** What Grafana itself fills in. */
const BUILT_IN = /^(__\w+|timeFilter)$/;
const NEEDS_UNIT = ['timeseries', 'stat', 'heatmap', 'state-timeline'];
const OF_A_TRACE = ['traces', 'nodeGraph'];

export function checkPanels({ dashboards, datasources }: Model): Problem[] {
  const problems: Problem[] = [];
  const uids = dashboards.map(({ uid }) => uid);
  for (const dashboard of dashboards) {
    const say = (what: string, panel?: JsonPanel, check: Problem['check'] = 'lint') =>
      problems.push({ check, where: panel ? `${dashboard.uid}/${panel.id}` : dashboard.uid, what });
    if (uids.filter((uid) => uid === dashboard.uid).length > 1) say('its uid is not its own');
    if (!dashboard.description) say('it has no description');
    if (!dashboard.links.some(({ keepTime, includeVars }) => keepTime && includeVars)) {
      say('no link to the other dashboards keeps time and variables');
    }
    const ids = dashboard.panels.map(({ id }) => id);
    if (new Set(ids).size < ids.length) say('two panels have one id');
    const known = dashboard.templating.list.map(({ name }) => name);
    for (const variable of dashboard.templating.list) {
      if (variable.type !== 'textbox' && variableQuery(variable).trim() === '') {
        say(`the variable ${variable.name} asks nothing`);
      }
      const used = JSON.stringify(dashboard.panels) + dashboard.templating.list.map(variableQuery);
      if (!new RegExp(`\\$\\{?${variable.name}\\b`).test(used)) {
        say(`the variable ${variable.name} is used nowhere`);
      }
    }
    for (const panel of panelsOf(dashboard)) {
      checkPanel(panel, known, (what, check) => say(what, panel, check));
      for (const { datasource, exemplar } of panel.targets ?? []) {
        const source = datasources.find(({ uid }) => uid === datasource.uid);
        if (source?.type !== datasource.type) say(`no data source ${datasource.uid}`, panel);
        if (exemplar && !source?.jsonData.exemplarTraceIdDestinations?.length) {
          say('its exemplars lead nowhere', panel, 'link');
        }
      }
      if (overlaps(dashboard, panel)) say('it lies over another panel', panel);
    }
  }
  return problems;
}

function checkPanel(
  panel: JsonPanel,
  variables: readonly string[],
  say: (what: string, check?: Problem['check']) => void,
): void {
  if (!panel.title.trim()) say('it has no title');
  if (!panel.description) say('it has no description');
  const unit = panel.fieldConfig?.defaults.unit;
  if (NEEDS_UNIT.includes(panel.type) && !unit) say('it has no unit', 'unit');
  if (unit && !UNITS.has(unit)) say(`Grafana has no unit "${unit}"`, 'unit');
  if (panel.type === 'stat') {
    const reduce = panel.options?.reduceOptions as { calcs?: string[] } | undefined;
    if (!reduce?.calcs?.length) say('it does not say which value it shows');
  }
  if (
    panel.type === 'timeseries' &&
    !(panel.options?.legend as { showLegend?: boolean })?.showLegend
  ) {
    say('it has no legend');
  }
  const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? [];
  const values = steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
  if (values.some((value, i) => i > 0 && value <= (values[i - 1] as number))) {
    say('its thresholds do not rise');
  }
  const targets = panel.targets ?? [];
  if (targets.length === 0) say('it asks nothing');
  if (new Set(targets.map(({ refId }) => refId)).size < targets.length)
    say('two queries have one refId');
  for (const target of targets) {
    const text = target.expr ?? target.query ?? '';
    if (!text.trim()) say('one of its queries is empty');
    for (const [, name = ''] of text.matchAll(/\$\{?(\w+)/g)) {
      if (!BUILT_IN.test(name) && !variables.includes(name)) say(`$${name} is no variable`);
    }
    if (target.datasource.type !== 'prometheus') continue;
    checkRates(text, say);
    if (panel.type === 'timeseries' && !target.legendFormat)
      say('one of its queries has no legend');
    checkLegend(target.legendFormat ?? '', text, say);
  }
  for (const { url } of linksOf(panel)) {
    if (/\/d\//.test(url) && !url.includes('${__url_time_range}')) {
      say(`the link ${url} loses the time`, 'link');
    }
  }
  if (OF_A_TRACE.includes(panel.type) && !targets.every(({ query }) => query === '$traceId')) {
    say('it does not show $traceId');
  }
}

/** Counters are rated, over a window that fits the scrape interval. */
function checkRates(expr: string, say: (what: string) => void): void {
  for (const [, fn, range] of expr.matchAll(/\b(rate|irate|increase)\([^[]*\[([^\]]+)\]/g)) {
    if (fn === 'irate') say('irate hides what happens between two scrapes');
    if (range !== '$__rate_interval' && range !== '$__range')
      say(`${fn} over ${range}, not $__rate_interval`);
  }
  for (const [found] of expr.matchAll(/\b\w+_(?:total|bucket|count|sum)\b(?=[^\s(]*)/g)) {
    const at = expr.indexOf(found);
    const before = expr.slice(0, at);
    if (!/(?:rate|increase|changes|resets)\([^()]*$/.test(before))
      say(`${found} is a counter and is not rated`);
  }
}

/** Every label of a legend is one that the query keeps. */
function checkLegend(legend: string, expr: string, say: (what: string) => void): void {
  const { grouped } = promqlNames(expr);
  for (const [, label = ''] of legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    if (!grouped.includes(label)) say(`the legend names ${label}, which the query does not keep`);
  }
}

function overlaps({ panels }: JsonDashboard, panel: JsonPanel): boolean {
  const a = panel.gridPos;
  return panels.some(({ id, gridPos: b }) => {
    if (id === panel.id) return false;
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  });
}

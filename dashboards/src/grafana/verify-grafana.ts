/**
 * What only a running Grafana can answer: whether it was given everything, and can use it.
 *
 * @module
 */
import { DASHBOARDS } from '../all.ts';
import { place } from '../dashboard.ts';
import { interpolate } from '../live/interpolate.ts';
import {
  type Datasource,
  type JsonDashboard,
  linksOf,
  type Model,
  panelsOf,
  type Target,
} from '../offline/model.ts';
import type { Proof } from '../proof.ts';
import { SOURCES } from '../sources.ts';
import type { Grafana } from './client.ts';

/** What Grafana was asked and what was wrong with it. */
export interface GrafanaReport {
  readonly version: string;
  readonly dashboards: number;
  readonly queries: number;
  /** Queries that brought something. */
  readonly withData: number;
  readonly links: number;
  readonly problems: readonly string[];
}

/** Links between data sources; what else they have is Grafana's own affair. */
const LINKS = [
  'exemplarTraceIdDestinations',
  'derivedFields',
  'tracesToLogsV2',
  'tracesToMetrics',
] as const;
/** Alertmanager is asked by the browser: there is no health check. */
const WITHOUT_HEALTH = ['alertmanager'];
/** The newest failure. */
const FAILURE: Target = {
  refId: 'A',
  datasource: SOURCES.loki,
  expr: '{service_namespace="breakwater"} | error_code != ""',
  maxLines: 1,
};

/** @param nowMs the end of the hour that is asked about, in milliseconds since 1970 */
export async function verifyGrafana(
  model: Model,
  grafana: Grafana,
  nowMs: number,
): Promise<GrafanaReport> {
  const version = await grafana.version();
  const problems: string[] = [];
  for (const expected of model.datasources) await checkDatasource(expected, grafana, problems);
  const traceId = await newestTraceId(grafana, nowMs);
  if (!traceId) problems.push('Loki has no failure of the last hour: make some, see npm run load');
  const linked = new Set<string>();
  let [queries, withData] = [0, 0];
  for (const dashboard of model.dashboards) {
    await checkProvisioned(dashboard, grafana, problems);
    const values = variablesOf(dashboard, traceId ?? '');
    for (const panel of panelsOf(dashboard)) {
      for (const { url } of linksOf(panel)) {
        const [, uid] = /^\/d\/([\w-]+)/.exec(url) ?? [];
        if (uid) linked.add(uid);
      }
      for (const target of panel.targets ?? []) {
        const { rows, error } = await grafana.query(filledIn(target, values), nowMs);
        queries++;
        if (rows > 0) withData++;
        const where = `${dashboard.uid}/${panel.id} "${panel.title}", ${target.refId}`;
        if (error) problems.push(`${where}: ${error}`);
        else if (rows === 0 && showsAlways(proofOf(dashboard.uid, panel.id)))
          problems.push(`${where}: no data`);
      }
    }
  }
  for (const uid of linked) {
    if (!(await grafana.dashboard(uid)))
      problems.push(`a link leads to ${uid}, which is not there`);
  }
  const dashboards = model.dashboards.length;
  return { version, dashboards, queries, withData, links: linked.size, problems };
}

async function checkDatasource(
  { uid, type, jsonData }: Datasource,
  grafana: Grafana,
  problems: string[],
): Promise<void> {
  const found = await grafana.datasource(uid);
  if (!found) return void problems.push(`there is no data source ${uid}`);
  if (found.type !== type) problems.push(`the data source ${uid} is of type ${found.type}`);
  if (!found.readOnly) problems.push(`the data source ${uid} was not provisioned`);
  for (const name of LINKS) {
    if (!sameTemplate(jsonData[name], found.jsonData?.[name]))
      problems.push(`${name} of the data source ${uid} is not the provisioned one`);
  }
  if (WITHOUT_HEALTH.includes(type)) return;
  const unhealthy = await grafana.unhealthy(uid);
  if (unhealthy) problems.push(`the data source ${uid} is not healthy: ${unhealthy}`);
}

/** Equal, where a variable of the environment stands for anything. */
function sameTemplate(expected: unknown, found: unknown): boolean {
  if (typeof expected === 'string') {
    const parts = expected.split(/\$\{[A-Z_]+\}/).map((part) => part.replace(/[^\w]/g, '\\$&'));
    return typeof found === 'string' && new RegExp(`^${parts.join('.+')}$`).test(found);
  }
  if (typeof expected !== 'object' || expected === null) return expected === found;
  const of = (found ?? {}) as Record<string, unknown>;
  return Object.entries(expected).every(([key, value]) => sameTemplate(value, of[key]));
}

/** The dashboard is there, from its file, with the panels that were verified. */
async function checkProvisioned(
  expected: JsonDashboard,
  grafana: Grafana,
  problems: string[],
): Promise<void> {
  const found = await grafana.dashboard(expected.uid);
  if (!found) return void problems.push(`there is no dashboard ${expected.uid}`);
  if (!found.provisioned) problems.push(`the dashboard ${expected.uid} was not provisioned`);
  const asked = (dashboard: JsonDashboard) =>
    JSON.stringify(
      panelsOf(dashboard).map(({ id, title, targets = [] }) => [
        id,
        title,
        targets.map(({ expr, query }) => expr ?? query),
      ]),
    );
  if (asked(found.json) !== asked(expected))
    problems.push(`the panels of ${expected.uid} are not those that were verified`);
}

/** Everything chosen, as a dashboard opens. */
function variablesOf({ templating }: JsonDashboard, traceId: string): Record<string, string> {
  return Object.fromEntries(
    templating.list.map(({ name, type, allValue = '.*' }) => [
      name,
      type === 'textbox' ? traceId : type === 'interval' ? '1m' : allValue,
    ]),
  );
}

/** A page fills in its variables itself; `$__rate_interval` and the like are left to the server. */
function filledIn(target: Target, values: Readonly<Record<string, string>>): Target {
  const { expr, query } = target;
  return {
    ...target,
    ...(expr === undefined ? {} : { expr: interpolate(expr, values) }),
    ...(query === undefined ? {} : { query: interpolate(query, values) }),
  };
}

function proofOf(uid: string, id: number): Proof | undefined {
  const spec = DASHBOARDS.find((each) => each.uid === uid);
  const placed = spec && place(spec).find((each) => each.id === id);
  return placed && 'spec' in placed ? placed.spec.proof : undefined;
}

/** Panels about failures may be empty where nothing failed. */
function showsAlways(proof: Proof | undefined): boolean {
  return proof !== undefined && proof.scenario === 'healthy' && !proof.unprovoked;
}

/** The trace of the newest failure that Loki knows. */
async function newestTraceId(grafana: Grafana, nowMs: number): Promise<string | undefined> {
  const { first } = await grafana.query(FAILURE, nowMs);
  return /trace_id\W+([0-9a-f]{32})/.exec(JSON.stringify(first))?.[1];
}

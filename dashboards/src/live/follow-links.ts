/**
 * Two clicks in data: exemplar → trace → log lines, by the templates that Grafana is given.
 *
 * @module
 */
import { OURS } from '../metrics.ts';
import { type Datasource, linksOf, type Model, panelsOf } from '../offline/model.ts';
import type { Backends, Range } from './backends.ts';
import { builtIn, interpolate } from './interpolate.ts';
import type { PanelResult } from './measure.ts';

/** What was followed, and what led nowhere. */
export interface LinkReport {
  readonly exemplarsFollowed: number;
  readonly linesFollowed: number;
  readonly panelLinksFollowed: number;
  readonly problems: readonly string[];
}

/** Failures that are followed at least. */
const FAILURES = 20;

export async function followLinks(
  model: Model,
  results: readonly PanelResult[],
  offered: Readonly<Record<string, readonly string[]>>,
  range: Range,
  backends: Backends,
): Promise<LinkReport> {
  const problems: string[] = [];
  const source = (uid: string) =>
    model.datasources.find((each) => each.uid === uid)?.jsonData ?? {};
  const traceOf = (url: string) => /(?:var-traceId=|\/trace\/)([0-9a-f]{32})/.exec(url)?.[1];

  const exemplars = await backends.exemplars(OURS.errors, range);
  const ids = [...new Map(exemplars.map((each) => [each.traceId, each])).values()].slice(
    -FAILURES * 2,
  );
  const shown = new Map<string, number>();
  let exemplarsFollowed = 0;
  for (const { traceId, labels } of ids) {
    const found: string[] = [];
    for (const { url } of source('prometheus').exemplarTraceIdDestinations) {
      const id = traceOf(withValue(url, traceId));
      const services = id ? await backends.trace(id) : [];
      if (services.length === 0) found.push(`${url} leads to no trace for ${traceId}`);
      else if (!services.includes(labels.service_name ?? ''))
        found.push(`${traceId} has no span of ${labels.service_name}`);
      else
        found.push(
          ...(await followTrace(
            source('jaeger'),
            traceId,
            labels.service_name ?? '',
            range,
            backends,
            shown,
          )),
        );
    }
    problems.push(...found);
    if (found.length === 0) exemplarsFollowed++;
  }
  for (const [name, curves] of shown) {
    if (curves === 0) problems.push(`"${name}" of a trace has no curve`);
  }
  if (exemplarsFollowed < FAILURES)
    problems.push(`only ${exemplarsFollowed} failures could be followed from their exemplar`);

  const lines = await backends.loki(
    '{service_namespace="breakwater"} | error_code!=""',
    range,
    5,
    FAILURES,
  );
  let linesFollowed = 0;
  for (const { labels } of lines.lines) {
    for (const { matcherRegex, url } of source('loki').derivedFields) {
      const name = Object.keys(labels).find((label) => new RegExp(matcherRegex).test(label));
      const id = name && withValue(url, labels[name] ?? '');
      const trace = id && (traceOf(id) ?? id);
      if (!trace || (await backends.trace(trace)).length === 0)
        problems.push(`the line of ${labels.request_id} leads to no trace`);
      else linesFollowed++;
    }
  }
  return {
    exemplarsFollowed,
    linesFollowed,
    panelLinksFollowed: followPanelLinks(model, results, offered, range, problems),
    problems: [...new Set(problems)],
  };
}

function withValue(url: string, value: string): string {
  return url.replaceAll('${__value.raw}', value);
}

/** From a span to its lines and its metrics. */
async function followTrace(
  { tracesToLogsV2: logs, tracesToMetrics: metrics }: Datasource['jsonData'],
  traceId: string,
  service: string,
  range: Range,
  backends: Backends,
  shown: Map<string, number>,
): Promise<string[]> {
  const tagsOf = (link: { tags: { value: string }[] }) =>
    link.tags.map(({ value }) => `${value}="${service}"`).join(', ');
  const problems: string[] = [];
  const query = logs.query
    .replace('${__tags}', tagsOf(logs))
    .replace('${__trace.traceId}', traceId);
  if ((await backends.loki(query, range, 5, 10)).lines.length === 0)
    problems.push(`${query} finds no line`);
  for (const { name, query: template } of metrics.queries) {
    const promql = template.replace('${__tags}', tagsOf(metrics));
    // A service that asks nobody has no circuits: one service with a curve is enough.
    const curves = await backends.prometheusRange(promql, range, 5);
    shown.set(name, (shown.get(name) ?? 0) + curves.length);
  }
  return problems;
}

/** Each link of a panel, with the labels of its curves and the values of its rows. */
function followPanelLinks(
  { dashboards }: Model,
  results: readonly PanelResult[],
  offered: Readonly<Record<string, readonly string[]>>,
  range: Range,
  problems: string[],
): number {
  let followed = 0;
  for (const dashboard of dashboards) {
    for (const panel of panelsOf(dashboard)) {
      const result = results.find(
        ({ dashboard: uid, id }) => uid === dashboard.uid && id === panel.id,
      );
      for (const { url } of linksOf(panel)) {
        const rows = [...(result?.series ?? []), ...(result?.lines ?? [])];
        const field = panel.fieldConfig?.overrides.find(({ properties }) =>
          properties.some(({ value }) =>
            JSON.stringify(value).includes(JSON.stringify(url).slice(1, -1)),
          ),
        )?.matcher.options;
        for (const { labels } of rows.slice(0, 20)) {
          const expanded = interpolate(
            withValue(url, labels[field ?? ''] ?? ''),
            builtIn(range),
          ).replace(/\$\{__field\.labels\.(\w+)\}/g, (whole, label) => labels[label] ?? whole);
          const where = `${dashboard.uid}/${panel.id}: ${expanded}`;
          if (expanded.includes('${') || /=(&|$)/.test(expanded))
            problems.push(`${where} has holes`);
          for (const [, name = '', value = ''] of expanded.matchAll(/var-(\w+)=([^&]*)/g)) {
            const known = offered[name];
            if (known && !known.includes(decodeURIComponent(value)))
              problems.push(`${where}: ${name} has no ${value}`);
          }
          followed++;
        }
      }
    }
  }
  return followed;
}

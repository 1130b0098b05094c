/**
 * Every link leads to a dashboard and a variable that exist, and every data source to another.
 *
 * @module
 */
import type { Problem } from './check-panels.ts';
import { type JsonDashboard, linksOf, type Model, panelsOf } from './model.ts';

export function checkLinks({ dashboards, datasources, emitted }: Model): Problem[] {
  const problems: Problem[] = [];
  const uids = datasources.map(({ uid }) => uid);
  const check = (where: string, url: string) => {
    const what = brokenUrl(url, dashboards, uids);
    if (what) problems.push({ check: 'link', where, what: `${url}: ${what}` });
  };
  for (const dashboard of dashboards) {
    for (const panel of panelsOf(dashboard)) {
      for (const { url } of linksOf(panel)) check(`${dashboard.uid}/${panel.id}`, url);
    }
  }
  for (const { uid, jsonData } of datasources) {
    const where = `data source ${uid}`;
    const say = (what: string) => problems.push({ check: 'link', where, what });
    for (const { name, url } of jsonData.exemplarTraceIdDestinations ?? []) {
      if (name !== 'trace_id') say(`exemplars carry trace_id, not ${name}`);
      check(where, url);
    }
    for (const { matcherType, matcherRegex, url, datasourceUid } of jsonData.derivedFields ?? []) {
      const field = /^\^(\w+)\$$/.exec(matcherRegex)?.[1] ?? matcherRegex;
      if (matcherType !== 'label' || !emitted.fields.has(field))
        say(`no line has the field ${field}`);
      if (datasourceUid) {
        if (!uids.includes(datasourceUid)) say(`no data source ${datasourceUid}`);
        if (url !== '${__value.raw}') say(`the trace is asked for by ${url}`);
      } else check(where, url);
    }
    for (const link of [jsonData.tracesToLogsV2, jsonData.tracesToMetrics]) {
      if (!link) continue;
      if (!uids.includes(link.datasourceUid)) say(`no data source ${link.datasourceUid}`);
      if (!link.spanStartTimeShift?.startsWith('-')) say('it does not look before the span');
      for (const { value } of link.tags) if (!emitted.fields.has(value)) say(`no label ${value}`);
    }
    if (jsonData.tracesToLogsV2 && !jsonData.tracesToLogsV2.query.includes('${__trace.traceId}')) {
      say('its logs are not those of the trace');
    }
  }
  return problems;
}

/** What is wrong with an address, if it is one of Grafana's. */
function brokenUrl(
  url: string,
  dashboards: readonly JsonDashboard[],
  sources: string[],
): string | undefined {
  if (/^(https?:|\$\{JAEGER_PAGE\})/.test(url)) {
    return /\/trace\/\$\{__value\.raw\}$/.test(url) ? undefined : 'it names no trace';
  }
  const [path = '', query = ''] = url.split('?');
  if (path === '/explore') {
    const source = /"datasource":"(\w+)"/.exec(decodeURIComponent(query))?.[1];
    return source && sources.includes(source) ? undefined : `no data source ${source}`;
  }
  const dashboard = dashboards.find(({ uid }) => path === `/d/${uid}`);
  if (!dashboard) return 'no such dashboard';
  for (const [, name] of query.matchAll(/(?:^|&)var-(\w+)=/g)) {
    if (!dashboard.templating.list.some((variable) => variable.name === name)) {
      return `${dashboard.uid} has no variable ${name}`;
    }
  }
  return undefined;
}

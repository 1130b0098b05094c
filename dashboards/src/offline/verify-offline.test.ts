// biome-ignore-all lint/suspicious/noExplicitAny: mutations reach into JSON at any depth
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OURS } from '../metrics.ts';
import type { Problem } from './check-panels.ts';
import { type JsonDashboard, type JsonPanel, type Model, readModel } from './model.ts';
import { verifyOffline } from './verify-offline.ts';

const model = await readModel();

test('dashboards, rules and provisioning are sound', () => {
  assert.deepEqual(verifyOffline(model), []);
});

/** The model with one dashboard changed. */
function edited(uid: string, edit: (dashboard: any) => void): Model {
  const dashboards = structuredClone(model.dashboards) as JsonDashboard[];
  edit(dashboards.find((dashboard) => dashboard.uid === uid));
  return { ...model, dashboards };
}

function panel(dashboard: any, type: string): any {
  return dashboard.panels.find((each: JsonPanel) => each.type === type);
}

function renamedMetric(from: string, to: string): Model {
  const metrics = new Map(model.emitted.metrics);
  metrics.set(to, metrics.get(from));
  metrics.delete(from);
  const ours = model.emitted.ours.map((name) => (name === from ? to : name));
  return { ...model, emitted: { ...model.emitted, metrics, ours } };
}

function renamedLabel(metric: string, from: string, to: string): Model {
  const metrics = new Map(model.emitted.metrics);
  const labels = new Set(metrics.get(metric)).add(to);
  labels.delete(from);
  metrics.set(metric, labels);
  return { ...model, emitted: { ...model.emitted, metrics } };
}

function withoutField(name: string): Model {
  const fields = new Set(model.emitted.fields);
  fields.delete(name);
  return { ...model, emitted: { ...model.emitted, fields } };
}

function sources(edit: (sources: any[]) => void): Model {
  const datasources = structuredClone(model.datasources) as any[];
  edit(datasources);
  return { ...model, datasources };
}

/** One thing broken, and what must be said of it. */
const MUTATIONS: readonly [
  name: string,
  mutated: () => Model,
  check: Problem['check'],
  says: RegExp,
][] = [
  [
    'a metric that the code renames',
    () => renamedMetric(OURS.breakerStatus, 'circuit_state'),
    'name',
    /nothing emits resilience_circuit_breaker_status/,
  ],
  [
    'a metric that the code renames and nothing shows',
    () => renamedMetric(OURS.breakerStatus, 'circuit_state'),
    'name',
    /emitted and shown nowhere/,
  ],
  [
    'a label that the code renames',
    () => renamedLabel(OURS.errors, 'error_code', 'code'),
    'name',
    /has (no|the) label error_code/,
  ],
  [
    'a log field that the code renames',
    () => withoutField('error_code'),
    'name',
    /field error_code/,
  ],
  ['a trace id that lines do not carry', () => withoutField('trace_id'), 'link', /field trace_id/],
  [
    'a link to a dashboard that is gone',
    () => ({
      ...model,
      dashboards: model.dashboards.filter(({ uid }) => uid !== 'breakwater-trace'),
    }),
    'link',
    /no such dashboard/,
  ],
  [
    'a link to a variable that is gone',
    () => edited('breakwater-trace', (d) => d.templating.list.shift()),
    'link',
    /no variable traceId/,
  ],
  [
    'an empty variable',
    () =>
      edited('breakwater-service', (d) => {
        d.templating.list[0].query.query = '';
      }),
    'lint',
    /asks nothing/,
  ],
  [
    'a threshold out of order',
    () =>
      edited('breakwater-slo', (d) => {
        panel(d, 'timeseries').fieldConfig.defaults.thresholds.steps[1].value = 99;
      }),
    'lint',
    /do not rise/,
  ],
  [
    'a key that Grafana does not know',
    () =>
      edited('breakwater-home', (d) => {
        panel(d, 'stat').options.colourMode = 'background';
      }),
    'schema',
    /colourMode/,
  ],
  [
    'a unit that Grafana does not know',
    () =>
      edited('breakwater-home', (d) => {
        panel(d, 'stat').fieldConfig.defaults.unit = 'seconds';
      }),
    'unit',
    /no unit "seconds"/,
  ],
  [
    'a query that is no PromQL',
    () =>
      edited('breakwater-home', (d) => {
        panel(d, 'stat').targets[0].expr += ')';
      }),
    'syntax',
    /not promql/,
  ],
  [
    'a counter that is not rated',
    () =>
      edited('breakwater-home', (d) => {
        panel(d, 'stat').targets[0].expr = `sum by (service_name) (${OURS.errors})`;
      }),
    'lint',
    /is not rated/,
  ],
  [
    'a legend of a label that the query drops',
    () =>
      edited('breakwater-home', (d) => {
        panel(d, 'timeseries').targets[0].legendFormat = '{{http_route}}';
      }),
    'lint',
    /names http_route/,
  ],
  [
    'a data source with another uid',
    () => sources((all) => Object.assign(all[2], { uid: 'traces' })),
    'link',
    /no data source jaeger/,
  ],
  [
    'exemplars that lead nowhere',
    () => sources((all) => delete all[0].jsonData.exemplarTraceIdDestinations),
    'link',
    /exemplars lead nowhere/,
  ],
  [
    'logs of a trace that are not its own',
    () => sources((all) => Object.assign(all[2].jsonData.tracesToLogsV2, { query: '{$__tags}' })),
    'link',
    /not those of the trace/,
  ],
];

for (const [name, mutated, check, says] of MUTATIONS) {
  test(`verify is red for ${name}`, () => {
    const problems = verifyOffline(mutated());
    assert.ok(
      problems.some((problem) => problem.check === check && says.test(problem.what)),
      JSON.stringify(problems, null, 2),
    );
  });
}

// biome-ignore-all lint/suspicious/noExplicitAny: mutations reach into JSON at any depth
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModel } from '../offline/model.ts';
import { Grafana } from './client.ts';
import { provisioned, startStandIn } from './stand-in.ts';
import { type GrafanaReport, verifyGrafana } from './verify-grafana.ts';

const model = await readModel();

/** What is said about a stand-in with one thing changed. */
async function verify(change: (state: any) => void = () => undefined): Promise<GrafanaReport> {
  const state = structuredClone({ ...provisioned(model), query: undefined }) as any;
  state.query = () => 3;
  change(state);
  const standIn = await startStandIn(state);
  try {
    return await verifyGrafana(model, new Grafana(standIn.url, 'breakwater'), 1_760_000_000_000);
  } finally {
    standIn.stop();
  }
}

test('a Grafana that was given everything is sound', async () => {
  const report = await verify();
  assert.deepEqual(report.problems, []);
  assert.equal(report.dashboards, 9);
  assert.ok(report.queries > 80);
  assert.equal(report.withData, report.queries);
});

test('variables are filled in and those of Grafana left to it', async () => {
  const asked: string[] = [];
  await verify((state) => {
    state.query = ({ expr = '', query = '' }) => asked.push(expr + query);
  });
  const text = asked.join('\n');
  assert.doesNotMatch(text, /\$(service|dependency|error_code|interval|testid|traceId)\b/);
  assert.match(text, /\$__rate_interval/);
  assert.ok(asked.includes('0af7651916cd43dd8448eb211c80319c'));
});

const BROKEN: readonly [name: string, change: (state: any) => void, says: RegExp][] = [
  [
    'a dashboard that is missing',
    ({ dashboards }) => delete dashboards['breakwater-slo'],
    /no dashboard breakwater-slo/,
  ],
  [
    'a link to a dashboard that is missing',
    ({ dashboards }) => delete dashboards['breakwater-trace'],
    /a link leads to breakwater-trace/,
  ],
  [
    'a dashboard that somebody saved by hand',
    ({ dashboards }) => {
      dashboards['breakwater-home'].meta.provisioned = false;
    },
    /breakwater-home was not provisioned/,
  ],
  [
    'a query that differs',
    ({ dashboards }) => {
      const panels: any[] = dashboards['breakwater-home'].dashboard.panels;
      panels.find(({ targets }) => targets).targets[0].expr = 'up';
    },
    /panels of breakwater-home are not those/,
  ],
  [
    'a data source that is missing',
    ({ datasources }) => delete datasources.loki,
    /no data source loki/,
  ],
  [
    'a data source that does not answer',
    ({ health }) => {
      health.jaeger = { status: 'ERROR', message: 'connection refused' };
    },
    /jaeger is not healthy: 200 connection refused/,
  ],
  [
    'a link between data sources that was lost',
    ({ datasources }) => delete datasources.prometheus.jsonData.exemplarTraceIdDestinations,
    /exemplarTraceIdDestinations of the data source prometheus/,
  ],
  [
    'a query that a backend refuses',
    (state) => {
      state.query = ({ expr = '' }) => (expr.includes('ALERTS') ? 'parse error' : 3);
    },
    /"Which alerts fire\?", A: parse error/,
  ],
  [
    'a panel that is empty',
    (state) => {
      state.query = ({ expr = '' }) => (expr.includes('nodejs_heap') ? 0 : 3);
    },
    /"How much memory\?", A: no data/,
  ],
];

for (const [name, change, says] of BROKEN) {
  test(`${name} is named`, async () => {
    const { problems } = await verify(change);
    assert.match(problems.join('\n'), says);
  });
}

test('what is no Grafana is refused', async () => {
  const standIn = await startStandIn(provisioned(model));
  standIn.stop();
  await assert.rejects(new Grafana(standIn.url, 'x').version());
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeDashboards } from '@breakwater/dashboards';
import { DependencyUnavailableError } from '@breakwater/errors';
import { breakwater } from '@breakwater/hono';
import { createRegistry } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { Backends } from '../../dashboards/src/live/backends.ts';
import { builtIn, interpolate, resolveVariables } from '../../dashboards/src/live/interpolate.ts';
import { type JsonDashboard, panelsOf } from '../../dashboards/src/offline/model.ts';
import { findComponent } from '../src/find-component.ts';
import { freePort } from '../src/testing/toy-stack.ts';
import { pollUntil } from './poll.ts';

/** Panels that one service with one failing dependency fills, by dashboard. */
const FILLED = {
  home: ['Which services fail?', 'Which alerts fire?', 'How much error budget is left?'],
  service: ['How many requests, on which route?', 'Which technical errors? (ours to repair)'],
  circuits: ['In which state is every circuit?', 'How do calls end?'],
  failures: ['Which codes, and when?', 'Which dependency did not answer?'],
  slo: ['How fast does it burn now?'],
} as const;

/** An app that the dashboards were not made for, and where its metrics are. */
async function startTodo(context: TestContext): Promise<{ app: Hono; port: number }> {
  const resilience = new Resilience();
  const app = new Hono();
  const { operations } = breakwater(app, {
    ...{ name: 'todo', logger: false, registry: createRegistry() as Registry, resilience },
  });
  const weather = resilience.dependency('weather', { retry: false });
  app.get('/todos/:id', (c) => c.json({ id: c.req.param('id') }));
  app.get('/weather', () =>
    weather.execute(() => {
      throw new DependencyUnavailableError('weather');
    }),
  );
  const port = await freePort();
  const server = serve({ fetch: operations.fetch, port, hostname: '127.0.0.1' });
  context.after(() => server.close());
  return { app, port };
}

/** A Prometheus that is given the written rules, and scrapes the app under a job of another name. */
async function startPrometheus(
  context: TestContext,
  program: string,
  folder: string,
  target: number,
): Promise<string> {
  const config = `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules/*.yaml, rules/objectives/*.yaml]
scrape_configs:
  - job_name: mine
    static_configs: [{ targets: ['127.0.0.1:${target}'], labels: { service_name: todo } }]
`;
  writeFileSync(join(folder, 'prometheus.yaml'), config);
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  context.after(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  return `http://127.0.0.1:${port}`;
}

test('the written dashboards and rules hold for a service that they have never heard of', async (context) => {
  const program = await findComponent('prometheus');
  if ('reason' in program) return context.skip(program.reason);
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-elsewhere-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeDashboards(folder);
  const { app, port } = await startTodo(context);
  const prometheus = await startPrometheus(context, program.path, folder, port);
  const backends = new Backends({ prometheus, loki: '', jaeger: '', gateway: '', unstable: '' });
  const fromS = Date.now() / 1_000;

  await pollUntil(90_000, async () => {
    await app.request('/todos/7');
    await app.request('/weather');
    const [up] = await backends.prometheusRange('up', { fromS, toS: Date.now() / 1_000 }, 1);
    assert.equal(up?.points.at(-1)?.[1], 1, 'Prometheus cannot read the metrics');
    const shown = await titles(folder, backends, { fromS, toS: Date.now() / 1_000 });
    for (const [dashboard, wanted] of Object.entries(FILLED)) {
      for (const title of wanted) assert.ok(shown.has(`${dashboard}: ${title}`), title);
    }
    const firing = await backends.prometheusRange(
      'ALERTS{alertstate="firing", service_name="todo"}',
      { fromS, toS: Date.now() / 1_000 },
      1,
    );
    const names = firing.map(({ labels }) => `${labels.alertname} ${labels.dependency ?? ''}`);
    assert.ok(names.includes('CircuitOpen weather'), names.join());
    assert.ok(names.includes('TechnicalErrors weather'), names.join());
  });
});

/** Every query of every written dashboard is asked; the panels that show something, by title. */
async function titles(
  folder: string,
  backends: Backends,
  range: { fromS: number; toS: number },
): Promise<Set<string>> {
  const shown = new Set<string>();
  for (const file of readdirSync(join(folder, 'dashboards'))) {
    const path = join(folder, 'dashboards', file);
    const dashboard: JsonDashboard = JSON.parse(readFileSync(path, 'utf8'));
    const { values } = await resolveVariables(dashboard, backends, range, { traceId: '' });
    for (const { title, targets = [] } of panelsOf(dashboard)) {
      for (const { datasource, expr = '' } of targets) {
        if (datasource.type !== 'prometheus') continue;
        const query = interpolate(expr, { ...values, ...builtIn(range) });
        const curves = await backends.prometheusRange(query, range, 1);
        if (curves.length > 0) shown.add(`${file.replace('.json', '')}: ${title}`);
      }
    }
  }
  return shown;
}

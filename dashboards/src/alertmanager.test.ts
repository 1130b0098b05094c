import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { findComponent } from '../../stack/src/find-component.ts';
import { ROOT } from './generated.ts';

type Labels = Readonly<Record<string, string>>;

/** What Alertmanager says of one alert, as far as it is read. */
interface Told {
  readonly labels: Labels;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: { readonly inhibitedBy: readonly string[] };
}

const alertmanager = await findComponent('alertmanager');
const missing = 'reason' in alertmanager ? alertmanager.reason : false;
const folder = mkdtempSync(join(tmpdir(), 'breakwater-alertmanager-'));
let child: ChildProcess | undefined;
let url = '';

before(async () => {
  if (!('path' in alertmanager)) return;
  child = spawn(
    alertmanager.path,
    [
      `--config.file=${join(ROOT, 'otel/alertmanager.yaml')}`,
      `--storage.path=${folder}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  for await (const line of lines) {
    const address = line.match(/msg="?Listening on"?.*address=(\S+)/)?.[1];
    if (address) {
      url = `http://${address}`;
      break;
    }
  }
  child.stderr?.resume();
});

after(async () => {
  if (child && child.exitCode === null) {
    const closed = once(child, 'close');
    child.kill();
    await closed;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Alerts as Prometheus would send them, and which of them Alertmanager mutes. */
async function judge(alerts: readonly Labels[]): Promise<ReadonlyMap<Labels, Told>> {
  await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts.map((labels) => ({ labels }))),
  });
  return eventually(async () => {
    const told = (await (await fetch(`${url}/api/v2/alerts`)).json()) as Told[];
    const found = alerts.map((alert): [Labels, Told] => {
      const same = ({ labels }: Told) =>
        JSON.stringify(Object.entries(labels).sort()) ===
        JSON.stringify(Object.entries(alert).sort());
      const match = told.find(same);
      assert.ok(match, JSON.stringify(alert));
      return [alert, match];
    });
    return new Map(found);
  });
}

const down = { alertname: 'ProcessDown', severity: 'critical', service_name: 'payments' };
const out = (service_name: string, dependency: string) => ({
  alertname: 'DependencyOut',
  severity: 'none',
  service_name,
  dependency,
});
const critical = (alertname: string, service_name: string, dependency?: string) => ({
  alertname,
  severity: 'critical',
  service_name,
  ...(dependency === undefined ? {} : { dependency }),
});

test('a dead process mutes what it explains, on the side that suffers', {
  skip: missing,
}, async () => {
  const sources = [down, out('orders', 'payments'), out('gateway', 'orders')];
  const muted: Labels[] = [
    { ...critical('CircuitOpen', 'orders', 'payments'), breaker: 'payments' },
    critical('TechnicalErrors', 'orders', 'payments'),
    critical('TechnicalErrors', 'gateway', 'orders'),
    { ...critical('CircuitFlapping', 'orders', 'payments'), severity: 'warning' },
    critical('TechnicalErrors', 'payments', 'provider'),
    critical('TechnicalErrors', 'payments'),
  ];
  const told: Labels[] = [
    ...sources,
    critical('TechnicalErrors', 'orders', 'catalog'),
    critical('TechnicalErrors', 'orders'),
    critical('TechnicalErrors', 'gateway', 'catalog'),
    { ...critical('CircuitOpen', 'gateway', 'catalog'), breaker: 'catalog' },
    critical('ProcessDown', 'catalog'),
    { alertname: 'ErrorBudgetBurns', severity: 'critical', objective: 'order-availability' },
  ];
  const judged = await judge([...muted, ...told]);
  for (const [labels, { status }] of judged) {
    const expected = muted.includes(labels);
    assert.equal(status.inhibitedBy.length > 0, expected, JSON.stringify(labels));
  }
});

test('who is called, and who is not', { skip: missing }, async () => {
  const receivers: [Labels, string][] = [
    [critical('TechnicalErrors', 'users'), 'page'],
    [{ ...critical('BulkheadFull', 'users', 'orders'), severity: 'warning' }, 'ticket'],
    [out('users', 'orders'), 'nobody'],
    [{ alertname: 'DeadMansSwitch', severity: 'none' }, 'dead-mans-switch'],
    [{ alertname: 'ErrorBudgetBurnsDemo', severity: 'demo' }, 'demo'],
  ];
  const judged = await judge(receivers.map(([labels]) => labels));
  for (const [labels, name] of receivers) {
    assert.deepEqual(judged.get(labels)?.receivers, [{ name }], JSON.stringify(labels));
  }
});

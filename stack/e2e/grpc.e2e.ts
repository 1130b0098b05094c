import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Timeline } from '@breakwater/timeline';
import type { VerifyReport } from '../src/verify/report.ts';
import { assertPassed } from './passed-experiment.ts';
import { setFault, TestStack } from './test-stack.ts';

const REQUESTS = 200;

const reports = mkdtempSync(join(tmpdir(), 'breakwater-grpc-'));
const chaos = { CHAOS_RATE: '0.5', CHAOS_REPORTS: reports };
const stack = new TestStack({}, { PEER_TRANSPORT: 'grpc', ...chaos });
const file = ['--file', stack.composeFile];

before(() => stack.up());
after(async () => {
  await stack.down();
  rmSync(reports, { recursive: true, force: true });
});

test('a failure behind calls over gRPC has one timeline, in which they stand as requests do', async () => {
  await setFault(stack, { route: 'POST /charges', kind: 'status', status: 503 });
  const response = await fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
  });
  await setFault(stack, undefined);
  assert.equal(response.status, 503);
  const traceId = response.headers.get('x-trace-id') ?? '';
  const json = await stack.command('explain', traceId, '--json', '--wait', '20', ...file);
  assert.equal(json.code, 0, json.stderr);
  const timeline = JSON.parse(json.stdout) as Timeline;
  assert.equal(timeline.roots.length, 1);
  const all = ['catalog', 'gateway', 'orders', 'payments', 'unstable'];
  assert.deepEqual([...timeline.services].sort(), all);
  const { stdout } = await stack.command('explain', traceId, ...file);
  assert.match(stdout, /orders .*payments\.v2\.PaymentService\/TakePayment/);
  assert.match(stdout, /payments .*payments\.v2\.PaymentService\/TakePayment/);
  assert.match(stdout, /rpc\.status_code=UNAVAILABLE|UNAVAILABLE/);
});

test('verify joins every failure', async () => {
  const run = await stack.command('verify', '--json', '--requests', String(REQUESTS), ...file);
  assert.ok(run.stdout.startsWith('{'), run.stderr);
  const report = JSON.parse(run.stdout) as VerifyReport;
  assert.deepEqual(report.gaps, {});
  assert.deepEqual(
    report.kinds.filter(({ unexpected }) => Object.keys(unexpected).length > 0),
    [],
  );
  assert.equal(report.joinRate, 1);
  assert.ok(report.passed, run.stdout);
});

for (const name of ['payments-slow', 'payments-outage']) {
  test(`the experiment ${name} passes`, async () => {
    const { stdout, stderr } = await stack.command('chaos', name, '--json', ...file);
    assert.notEqual(stdout, '', stderr);
    assertPassed(JSON.parse(stdout), reports);
  });
}

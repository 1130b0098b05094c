import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Timeline } from '@breakwater/timeline';
import type { VerifyReport } from '../src/verify/report.ts';
import { pollUntil } from './poll.ts';
import type { CommandResult } from './test-stack.ts';
import { setFault, TestStack } from './test-stack.ts';

/** No program of the stack is here, no Go and no Docker. */
const cache = mkdtempSync(join(tmpdir(), 'breakwater-no-cache-'));
const bare = { XDG_CACHE_HOME: cache, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
const stack = new TestStack({}, bare);
const file = ['--file', stack.composeFile];
let started: CommandResult;

before(async () => {
  started = await stack.command('up', ...file);
});
after(async () => {
  await stack.down();
  rmSync(cache, { recursive: true });
});

async function explain(traceId: string): Promise<Timeline> {
  const run = await stack.command('explain', traceId, '--json', '--wait', '20', ...file);
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout);
}

test('a start without the backends says so, why, what adds them, and where to look', () => {
  assert.equal(started.code, 0, started.stderr);
  assert.match(started.stderr, /Embedded \(not installed: collector, loki, jaeger, prometheus\)/);
  assert.match(started.stderr, /"npm run stack:install" builds them/);
  const url = `${stack.url('CONSOLE_PORT')}/#token=`;
  assert.ok(started.stderr.includes(`Open ${url}`), started.stderr);
  assert.ok(!readFileSync(join(stack.root, '.stack/logs/stack.log'), 'utf8').includes(url));
});

test('an order whose provider fails has one timeline over all services', async () => {
  await setFault(stack, { route: 'POST /charges', kind: 'status', status: 503 });
  const response = await fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
  });
  await setFault(stack, undefined);
  assert.equal(response.status, 503);
  const timeline = await explain(response.headers.get('x-trace-id') ?? '');
  assert.equal(timeline.roots.length, 1);
  const all = ['catalog', 'gateway', 'orders', 'payments', 'unstable'];
  assert.deepEqual([...timeline.services].sort(), all);
  assert.equal(timeline.answer?.errorCode, 'DEPENDENCY_UNAVAILABLE');
  assert.ok((timeline.series[0]?.value ?? 0) >= 1);
});

test('verify joins every failure, and the demo traffic stays away meanwhile', async () => {
  const run = await stack.command(
    'verify',
    '--json',
    '--requests',
    '60',
    '--concurrency',
    '2',
    ...file,
  );
  const report = JSON.parse(run.stdout) as VerifyReport;
  assert.deepEqual(report.gaps, {}, run.stderr);
  assert.deepEqual(report.danglingExemplars, []);
  assert.ok(report.exemplars > 0);
  assert.equal(report.joinRate, 1);
  assert.equal(run.code, 0, run.stdout);
});

test('without the console services answer as before, and explain says what is missing', async () => {
  await stack.stop('console');
  const signal = AbortSignal.timeout(10_000);
  for (let i = 0; i < 50; i++) {
    const response = await fetch(`${stack.url('GATEWAY_PORT')}/items`, { signal });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  }
  const run = await stack.command('explain', 'f'.repeat(32), '--wait', '0', ...file);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /The console at http.* does not respond/);
  await stack.restart('console');
});

test('spans that were made while the console was away arrive when it is back', async () => {
  await stack.stop('console');
  const response = await fetch(`${stack.url('GATEWAY_PORT')}/items/nowhere`);
  assert.equal(response.status, 404);
  await stack.restart('console');
  // Each service tries again in its own time, and what is there already is a timeline, too.
  await pollUntil(30_000, async () => {
    const timeline = await explain(response.headers.get('x-trace-id') ?? '');
    assert.deepEqual([...timeline.services].sort(), ['catalog', 'gateway']);
  });
});

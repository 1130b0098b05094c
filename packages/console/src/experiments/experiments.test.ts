import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { fieldsOf, testApp } from '../test-app.ts';

/** A command that answers as the real one does: lists, and runs until it is told to stop. */
const COMMAND = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const [folder, word] = process.argv.slice(2);
const at = new Date().toISOString();
const run = { testid: 'attack-1', experiment: 'attack', title: 'Attack <i>' };
const write = (line) =>
  appendFileSync(folder + '/attack-1/progress.ndjson', JSON.stringify({ at, ...line }) + '\\n');
if (word === 'list') {
  const rest = { title: 'Attack <i>', description: 'Twenty calls.', tags: [], duration_s: 30 };
  console.log(JSON.stringify([{ name: 'attack', ...rest }]));
} else if (word === 'faults') {
  console.log(JSON.stringify([{ holder: 'provider', id: '1', fault: '<b>503</b>', expires_at: at }]));
} else if (word === 'undo') {
  console.log(JSON.stringify({ ended: ['provider: 503'], left: [] }));
} else {
  process.on('SIGINT', () => {
    write({ type: 'verdict', verdict: 'aborted', reason: 'somebody stopped it', undo_verified: true });
    process.exit(4);
  });
  mkdirSync(folder + '/attack-1', { recursive: true });
  write({ type: 'started', ...run, pid: process.pid });
  write({ type: 'step', phase: 'injecting', step: 'the provider fails' });
  const sample = { phase: 'injecting', rate: 2, error_rate: 0.5, p99_ms: 20, faults: [] };
  write({ type: 'sample', t: 1, ...sample, breakers: { 'payments/provider': 'open' }, left_s: 3 });
  console.error('injecting');
  setInterval(() => undefined, 1000);
}
`;

function withCommand(t: TestContext) {
  const made = testApp(t, { experiments: { command: [] } });
  const script = join(made.folder, 'command.mjs');
  writeFileSync(script, COMMAND);
  const directory = join(made.folder, 'reports');
  mkdirSync(directory);
  const command = ['node', script, directory];
  return { ...testApp(t, { experiments: { command, directory } }), directory };
}

test('an experiment is listed, started, watched and stopped', async (t) => {
  const { page, post } = withCommand(t);
  await eventually(async () => assert.match(await page('/experiments'), /Attack &lt;i&gt;/));
  const started = await post('/experiments', { name: 'attack' });
  assert.equal(started.status, 202);
  await eventually(async () => assert.match(await page('/experiments/attack-1'), /injecting/));
  const running = await page('/experiments/attack-1');
  assert.match(running, /verdict-running/);
  assert.match(running, /payments\/provider <span class="badge state-open">/);
  assert.match(running, /data-chart="[^"]*Requests/);
  assert.match(running, /data-post="\/experiments\/stop"/);

  const second = await post('/experiments', { name: 'attack' });
  assert.deepEqual(
    [second.status, (await fieldsOf(second)).error_code],
    [409, 'EXPERIMENT_RUNNING'],
  );
  assert.equal((await post('/experiments/stop', {})).status, 202);
  await eventually(async () =>
    assert.match(await page('/experiments/attack-1'), /verdict-aborted.*somebody stopped it/),
  );
  await eventually(async () => {
    const nothing = await post('/experiments/stop', {});
    assert.equal((await fieldsOf(nothing)).error_code, 'NO_EXPERIMENT_RUNNING');
  });
});

test('one that is stopped while it starts has a report all the same', async (t) => {
  const { page, post } = withCommand(t);
  await eventually(async () => assert.match(await page('/experiments'), /Attack/));
  assert.equal((await post('/experiments', { name: 'attack' })).status, 202);
  assert.equal((await post('/experiments/stop', {})).status, 202);
  await eventually(async () =>
    assert.match(await page('/experiments/attack-1'), /verdict-aborted.*somebody stopped it/),
  );
});

test('faults are listed as text and cleared', async (t) => {
  const { page, post } = withCommand(t);
  await eventually(async () => assert.match(await page('/experiments'), /&lt;b&gt;503&lt;\/b&gt;/));
  const cleared = await post('/faults/clear', {});
  assert.deepEqual(await fieldsOf(cleared), { ended: ['provider: 503'], left: [] });
});

test('what there is no experiment of is not run', async (t) => {
  const { post } = withCommand(t);
  const { status } = await post('/experiments', { name: 'undo' });
  assert.equal(status, 404);
  assert.equal((await post('/experiments', { name: '--file=/etc' })).status, 422);
});

test('where no command is configured the page says so', async (t) => {
  const { page, post } = testApp(t);
  assert.match(await page('/experiments'), /Experiments cannot run here/);
  const refused = await post('/experiments', { name: 'attack' });
  assert.deepEqual(
    [refused.status, (await fieldsOf(refused)).error_code],
    [409, 'EXPERIMENTS_UNAVAILABLE'],
  );
});

test('a report is shown in a sandbox, and nothing outside of its folder is', async (t) => {
  const { ask, directory, page } = withCommand(t);
  const journal = {
    ...{ testid: 'x-1', experiment: 'x', title: 'X', started_at: '2026-01-01T00:00:00Z' },
    ...{ duration_s: 3, verdict: 'failed', reason: '<b>why</b>', undo_verified: false },
    statements: [
      { during: 'after', name: 'it <u>holds', expected: '1', observed: '2', held: false },
    ],
    ...{ injections: [], recovered_s: null, timeline: [] },
  };
  for (const id of ['x-1', 'x-2']) {
    mkdirSync(join(directory, id));
    writeFileSync(join(directory, id, 'journal.json'), JSON.stringify({ ...journal, testid: id }));
    writeFileSync(join(directory, id, 'report.html'), '<script>1</script>');
  }
  const other = join(directory, '../other');
  mkdirSync(other);
  writeFileSync(join(other, 'report.html'), 'not for the page');
  const report = await ask('/experiments/x-1/report');
  assert.match(report.headers.get('content-security-policy') ?? '', /^sandbox;/);
  for (const id of ['..%2fother', '..', '.', '%2e%2e', 'nothing']) {
    assert.equal((await ask(`/experiments/${id}/report`)).status, 404, id);
  }
  const html = await page('/experiments/x-1');
  assert.match(html, /it &lt;u&gt;holds/);
  assert.match(html, /a fault may be left/);
  const both = await page('/experiments/compare?run=x-1&run=x-2');
  assert.equal(both.match(/verdict-failed/g)?.length, 2);
  assert.match(await page('/experiments/compare?run=x-1'), /Choose two runs/);
});

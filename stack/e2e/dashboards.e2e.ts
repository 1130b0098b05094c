import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Edits, TestStack } from './test-stack.ts';

const VERIFY = join(import.meta.dirname, '../../dashboards/src/verify.ts');

interface Report {
  readonly passed: boolean;
  readonly problems: readonly string[];
}

/** Verifies the dashboards against a stack of its own. */
async function verify(edits: Edits): Promise<Report> {
  const stack = new TestStack(edits);
  await stack.up();
  try {
    const args = [
      '--json',
      '--file',
      stack.composeFile,
      '--report',
      join(stack.root, 'report.html'),
    ];
    const child = spawn(process.execPath, [VERIFY, ...args], {
      env: { ...process.env, ...stack.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    await new Promise((done, reject) => child.once('error', reject).once('close', done));
    return JSON.parse(stdout) as Report;
  } finally {
    await stack.down();
  }
}

test('every panel, link and alert holds on live backends', async () => {
  const { problems } = await verify({});
  assert.deepEqual(problems, []);
});

test('a label that Prometheus drops, a trace id that lines lose and a threshold that moved are named', async () => {
  const { passed, problems } = await verify({
    'otel/prometheus.yaml': (text) =>
      text.replace('|collector_instance_id', '|collector_instance_id|error_code'),
    'otel/collector.yaml': (text) => text.replace(/ {8}trace:\n(?: {10}.*\n)+/, ''),
    'otel/rules/resilience.yaml': (text) => text.replace('> 0.05', '> 5'),
  });
  assert.ok(!passed);
  const said = problems.join('\n');
  assert.match(said, /error_code/);
  assert.match(said, /trace/);
  assert.match(said, /TechnicalErrors does not fire/);
});

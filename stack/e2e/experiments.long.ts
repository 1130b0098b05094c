import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Journal } from '@breakwater/console/experiments';
import { assertPassed } from './passed-experiment.ts';
import { TestStack } from './test-stack.ts';

const reports = mkdtempSync(join(tmpdir(), 'breakwater-chaos-'));
const stack = new TestStack(
  {},
  {
    // Machines that run tests are slower than those that run shops.
    CHAOS_RATE: '0.5',
    CHAOS_REPORTS: reports,
    FAULT_INJECTION: 'on',
    NETWORK_FAULTS: 'on',
  },
);
before(() => stack.up());
after(async () => {
  await stack.down();
  rmSync(reports, { recursive: true, force: true });
});

const FOLDER = join(import.meta.dirname, '../../k6/chaos');
const names = readdirSync(FOLDER).flatMap((file) => /^([\w-]+)\.ts$/.exec(file)?.[1] ?? []);

for (const name of names) {
  test(`${name} passes and is undone`, async () => {
    const run = await stack.command('chaos', name, '--json', '--file', stack.composeFile);
    assert.notEqual(run.stdout, '', run.stderr);
    assertPassed(JSON.parse(run.stdout) as Journal, reports);
    assert.equal(run.code, 0);
  });
}

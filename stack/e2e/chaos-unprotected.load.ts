import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Journal } from '@breakwater/console/experiments';
import { TestStack } from './test-stack.ts';

/** Machines that run tests are slower than those that run shops. */
const CHAOS_RATE = process.env.CHAOS_RATE ?? '0.6';

/** The statement that each experiment is about, which must not hold without its protection. */
const ABOUT: Readonly<Record<string, string>> = {
  attack: 'the circuit gateway/external opens',
  'retry-storm': 'the budget refuses retries',
  'bulkhead-isolation': 'the bulkhead turns messages away',
  'payments-slow': 'the circuit payments/provider opens',
  'payments-outage': 'the circuit payments/provider opens',
  'payments-unreachable': 'the circuit orders/payments opens',
  'service-crash': 'orders can be looked at all the while',
  'database-restart': 'the shop shows its last list',
  'telemetry-outage': 'no line is lost',
};

const PROTECTIONS_OFF = [
  'external.breaker',
  'provider.breaker',
  'provider.budget',
  'payments.breaker',
  'notifications.bulkhead',
  'users.fallback',
  'gateway.mode',
].join();

const withoutQueueOnDisk = (text: string) => text.replaceAll(/^ {6}storage: file_storage\n/gm, '');

const reports = mkdtempSync(join(tmpdir(), 'breakwater-chaos-'));
const stack = new TestStack(
  { 'otel/collector.yaml': withoutQueueOnDisk },
  { CHAOS_RATE, CHAOS_REPORTS: reports, NETWORK_FAULTS: 'on', PROTECTIONS_OFF },
);
before(() => stack.up());
after(async () => {
  await stack.down();
  rmSync(reports, { recursive: true, force: true });
});

for (const [name, about] of Object.entries(ABOUT)) {
  test(`${name} fails without its protection, and is undone`, async () => {
    const run = await stack.command('chaos', name, '--json', '--file', stack.composeFile);
    const journal = JSON.parse(run.stdout) as Journal;
    const failed = journal.statements.filter(({ held }) => !held);
    for (const { name: statement, expected, observed } of failed) {
      console.log(`${name}: ${statement}: expected ${expected}, observed ${observed}`);
    }
    assert.equal(journal.verdict, 'failed', journal.reason);
    assert.ok(
      failed.some((statement) => statement.name === about),
      `${about}, of ${failed.map((statement) => statement.name)}`,
    );
    assert.equal(journal.undo_verified, true);
  });
}

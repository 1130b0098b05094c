import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Journal, ListedExperiment, ListedFault } from '@breakwater/console/experiments';
import { assertPassed } from './passed-experiment.ts';
import { pollUntil } from './poll.ts';
import { type CommandResult, setFault, TestStack } from './test-stack.ts';

/** Machines that run tests are slower than those that run shops. */
const CHAOS_RATE = '0.5';
/** One of the outside world and one of a process; `experiments.long.ts` runs them all. */
const SHORT = ['attack', 'service-crash'];
/** What a fault outlives its runner by. */
const LEASE_MS = 30_000;

const reports = mkdtempSync(join(tmpdir(), 'breakwater-chaos-'));
const switches = { FAULT_INJECTION: 'on', NETWORK_FAULTS: 'on' };
const stack = new TestStack({}, { CHAOS_RATE, CHAOS_REPORTS: reports, ...switches });
before(() => stack.up());
after(async () => {
  await stack.down();
  rmSync(reports, { recursive: true, force: true });
});

const chaos = (...words: string[]): Promise<CommandResult> =>
  stack.command('chaos', ...words, '--file', stack.composeFile);

async function runOne(name: string): Promise<{ code: number | null; journal: Journal }> {
  const { code, stdout, stderr } = await chaos(name, '--json');
  assert.notEqual(stdout, '', stderr);
  return { code, journal: JSON.parse(stdout) };
}

async function activeFaults(): Promise<ListedFault[]> {
  return JSON.parse((await chaos('faults', '--json')).stdout);
}

/** What an experiment of a test does, beside a few calls to the gateway. */
function experimentFile(provider: object, after: number, journey = 'browse'): string {
  const file = join(reports, `experiment-${Math.random().toString(36).slice(2)}.ts`);
  const experiment = {
    title: 'An experiment of a test',
    description: '',
    tags: [],
    'steady-state-hypothesis': { title: '', probes: [] },
    method: [{ type: 'action', name: 'the fault', provider, pauses: { after } }],
    rollbacks: [],
    extensions: [
      {
        name: 'breakwater',
        load: { calls: 3, journey, steady: journey, every_ms: 200 },
        baseline_s: 1,
        during: [],
        recovery_s: 5,
        after_s: 1,
        watch: [],
        protection: { name: 'none', off: null },
      },
    ],
  };
  writeFileSync(file, `export default ${JSON.stringify(experiment)};\n`);
  return file;
}

for (const name of SHORT) {
  test(`${name} passes and is undone, with its journal and its page`, async () => {
    const { code, journal } = await runOne(name);
    assertPassed(journal, reports);
    assert.equal(code, 0);
    assert.deepEqual(await activeFaults(), []);
  });
}

test('each step is a line where dashboards look', async () => {
  const query = new URLSearchParams({ query: '{service_name="experiments"} | phase="injecting"' });
  await pollUntil(20_000, async () => {
    const url = `${stack.url('LOKI_PORT')}/loki/api/v1/query_range?${query}`;
    const { data } = (await (await fetch(url)).json()) as {
      data: { result: { stream: Record<string, string> }[] };
    };
    const told = new Set(data.result.map(({ stream }) => stream.experiment));
    assert.deepEqual([...told].sort(), [...SHORT].sort());
  });
});

const ELSEWHERE = [
  {
    where: 'inside a service',
    journey: 'browse',
    provider: {
      type: 'service_fault',
      service: 'catalog',
      arguments: { route: 'GET /items', kind: 'latency', latency_ms: 20 },
    },
    proof: /^it struck [1-9]\d* of [1-9]\d* requests$/,
  },
  {
    where: 'on the network',
    journey: 'order',
    provider: {
      type: 'network_fault',
      arguments: { proxy: 'orders-to-payments', kind: 'latency', latency_ms: 20 },
    },
    proof: /^[1-9]\d* connections met the disturbed proxy orders-to-payments$/,
  },
];

for (const { where, journey, provider, proof } of ELSEWHERE) {
  test(`a fault ${where} lands, and is gone afterwards`, async () => {
    const { code, journal } = await runOne(experimentFile(provider, 4, journey));
    assert.deepEqual([code, journal.verdict], [0, 'passed'], journal.reason);
    assert.match(journal.injections[0]?.proof ?? '', proof);
    assert.deepEqual(await activeFaults(), []);
  });
}

test('a fault that strikes nothing is inconclusive, not passed', async () => {
  const nobodyAsks = { route: 'GET /charges/:key', kind: 'status' };
  const provider = { type: 'provider_fault', arguments: nobodyAsks };
  const { code, journal } = await runOne(experimentFile(provider, 2));
  assert.deepEqual([code, journal.verdict, journal.undo_verified], [3, 'inconclusive', true]);
  assert.match(journal.reason, /did not land: it struck 0 of 0/);
});

test('a wrong port is inconclusive, and says so', async () => {
  const provider = { type: 'provider_fault', arguments: { route: 'POST /charges', kind: 'hang' } };
  const wrong = new TestCommand({ UNSTABLE_OPERATIONS_URL: 'http://127.0.0.1:1' });
  const { code, stdout } = await wrong.run('chaos', experimentFile(provider, 2), '--json');
  const journal = JSON.parse(stdout) as Journal;
  assert.deepEqual([code, journal.verdict], [3, 'inconclusive']);
  assert.match(journal.reason, /unstable does not answer at http:\/\/127\.0\.0\.1:1/);
});

test('a sick system is refused, with what to do', async () => {
  await setFault(stack, { route: 'POST /charges', kind: 'status', for_s: 60 });
  const { code, journal } = await runOne('payments-slow');
  assert.deepEqual([code, journal.verdict, journal.injections], [4, 'aborted', []]);
  assert.match(journal.reason, /a fault is active already: provider: .*npm run chaos -- undo/);
  const undone = await chaos('undo');
  assert.match(undone.stdout, /ended provider: status on POST \/charges/);
  assert.deepEqual(await activeFaults(), []);
});

test('faults of a runner that was killed end with their lease, and the next run says so', async () => {
  const process_ = { process: 'notifications', kind: 'pause' };
  const file = experimentFile({ type: 'process_fault', arguments: process_ }, 60);
  const killed = new TestCommand();
  const runner = killed.begin('chaos', file);
  await pollUntil(60_000, async () => assert.equal((await activeFaults()).length, 1));
  runner.kill('SIGKILL');
  await pollUntil(LEASE_MS + 5_000, async () => assert.deepEqual(await activeFaults(), []));
  assert.equal((await fetch(`${stack.url('NOTIFICATIONS_PORT')}/healthz`)).status, 200);
  const provider = { type: 'provider_fault', arguments: { route: 'GET /charges', kind: 'status' } };
  const { journal } = await runOne(experimentFile(provider, 1));
  assert.deepEqual(journal.undone_before, ['stack: the fault (its lease had ended)']);
});

test('what a killed runner has left is ended by the next one before its lease', async () => {
  const arguments_ = { route: 'POST /charges', kind: 'latency', latency_ms: 10 };
  const file = experimentFile({ type: 'provider_fault', arguments: arguments_ }, 60);
  const runner = new TestCommand().begin('chaos', file);
  await pollUntil(60_000, async () => assert.equal((await activeFaults()).length, 1));
  runner.kill('SIGKILL');
  const { journal } = await runOne('attack');
  assert.deepEqual(journal.undone_before, ['provider: latency on POST /charges']);
  assert.equal(journal.verdict, 'passed', journal.reason);
});

test('experiments are listed; a name that is none is told what there is', async () => {
  const listed = JSON.parse((await chaos('list', '--json')).stdout) as ListedExperiment[];
  const names = listed.map(({ name }) => name);
  assert.ok(SHORT.every((name) => names.includes(name)));
  assert.ok(listed.every(({ title, description }) => title && description));
  const unknown = await chaos('payments-outrage');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no experiment "payments-outrage"; there are attack,/);
});

/** A command with variables of its own, or one that is left running. */
class TestCommand {
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  begin(...words: string[]) {
    const main = join(import.meta.dirname, '../src/main.ts');
    assert.ok(existsSync(main));
    return spawn(process.execPath, [main, ...words, '--file', stack.composeFile], {
      env: { ...process.env, ...stack.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  async run(...words: string[]): Promise<{ code: number | null; stdout: string }> {
    const child = this.begin(...words);
    let stdout = '';
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout };
  }
}

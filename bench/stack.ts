/**
 * `npm run bench -- stack`: how long the stack takes to start and to show a failure, and what
 * memory it takes. On ports of its own, with an empty data directory.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { backendAddresses, backendSources, type Sources } from '@breakwater/timeline';
import { setFault, TestStack } from '../stack/e2e/test-stack.ts';

const FAILURES = 20;
const POLL_MS = 50;
const GIVE_UP_MS = 60_000;

interface ProcessRow {
  readonly name: string;
  readonly status: string;
  readonly pid: number | null;
}

const json = process.argv.includes('--json');
const say = (text: string) => process.stderr.write(`${text}\n`);

const stack = new TestStack({}, {});
const startedAt = performance.now();
await stack.up();
const firstReadyS = secondsSince(startedAt);
say(`first start, with an empty data directory: ready after ${firstReadyS} s`);

try {
  await setFault(stack, { route: 'POST /charges', kind: 'status', status: 503, for_s: 600 });
  const traceId = await failOnce();
  await stack.command('explain', traceId);
  const firstExplainedS = secondsSince(startedAt);
  say(`first failure explained after ${firstExplainedS} s`);

  const sources = backendSources(backendAddresses(stack.env));
  const visible = { trace: [] as number[], log: [] as number[], metric: [] as number[] };
  for (let i = 0; i < FAILURES; i++) {
    const times = await timeToVisible(sources);
    for (const backend of ['trace', 'log', 'metric'] as const)
      visible[backend].push(times[backend]);
  }
  const memory = await memoryOfProcesses();
  const result = {
    firstReadyS,
    firstExplainedS,
    visibleS: Object.fromEntries(
      Object.entries(visible).map(([name, times]) => [name, quantiles(times)]),
    ),
    memoryMb: memory,
    memoryTotalMb: Math.round(Object.values(memory).reduce((a, b) => a + b, 0)),
  };
  await stack.command('down', '--file', stack.composeFile);
  const againAt = performance.now();
  await stack.up();
  const finished = { ...result, secondReadyS: secondsSince(againAt) };
  process.stdout.write(`${json ? JSON.stringify(finished, null, 2) : render(finished)}\n`);
} finally {
  await stack.down();
}

async function failOnce(): Promise<string> {
  const response = await fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
  });
  if (response.status < 500) throw new Error(`the order did not fail: ${response.status}`);
  return response.headers.get('x-trace-id') ?? '';
}

/** Seconds from a failed response until each backend shows it. */
async function timeToVisible(sources: Sources) {
  const selector = 'sum(service_errors_total{service_name="gateway"})';
  const count = async () => (await sources.metrics.query(selector)).found[0]?.value ?? 0;
  const before = await count();
  const traceId = await failOnce();
  const answeredAt = performance.now();
  const range = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 };
  const [trace, log, metric] = await Promise.all([
    until(answeredAt, async () => {
      const { found: spans } = await sources.traces.get(traceId);
      return new Set(spans.map(({ service }) => service)).size === 5;
    }),
    until(answeredAt, async () => {
      const { found: lines } = await sources.logs.ofTrace(traceId, range);
      return lines.some(
        ({ service, errorCode }) => service === 'gateway' && errorCode !== undefined,
      );
    }),
    until(answeredAt, async () => (await count()) > before),
  ]);
  return { trace, log, metric };
}

async function until(answeredAt: number, shown: () => Promise<boolean>): Promise<number> {
  while (!(await shown())) {
    if (performance.now() - answeredAt > GIVE_UP_MS)
      throw new Error('a failure did not become visible');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return (performance.now() - answeredAt) / 1000;
}

/** Memory of each process with its children, in MB. */
async function memoryOfProcesses(): Promise<Record<string, number>> {
  const { stdout } = await stack.command('status', '--json', '--file', stack.composeFile);
  const { processes } = JSON.parse(stdout) as { processes: ProcessRow[] };
  const running = processes.filter(({ pid }) => pid !== null);
  return Object.fromEntries(
    running.map(({ name, pid }) => [name, Math.round(treeMb(Number(pid)))]),
  );
}

/** Proportional set size of a process and its children: shared pages are counted once. */
function treeMb(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const own = Number(rollup.match(/^Pss:\s+(\d+) kB/m)?.[1]) / 1024;
  return (
    own +
    children
      .split(' ')
      .filter(Boolean)
      .reduce((sum, child) => sum + treeMb(Number(child)), 0)
  );
}

function quantiles(values: number[]): { p50: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number) => round(sorted[Math.ceil(q * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}

function secondsSince(startedAt: number): number {
  return round((performance.now() - startedAt) / 1000);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function render(result: object): string {
  return Object.entries(result)
    .map(([name, value]) => `${name.padEnd(18)}${JSON.stringify(value)}`)
    .join('\n');
}

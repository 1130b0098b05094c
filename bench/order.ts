/**
 * `npm run bench -- order`: CPU that an order takes in each process, with telemetry and without, and
 * of several checkouts beside each other.
 *
 * All stacks live through the whole run; each round loads one after the other, so that what else
 * the machine does falls on all alike. What a stack takes while nobody orders is measured before,
 * and taken off.
 *
 * @module
 */
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type CpuTimes, readCpu } from './load/cpu-account.ts';
import { missing, readTelemetry } from './load/telemetry-account.ts';
import { type Placed, placeOrders } from './order/place-orders.ts';
import { type Running, startVariant } from './order/variant.ts';
import { summarize } from './statistics.ts';

const { values: given } = parseArgs({
  options: {
    tree: { type: 'string', multiple: true, default: [resolve(import.meta.dirname, '..')] },
    variants: { type: 'string', default: 'on,off' },
    rate: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
  },
});
const [rate, seconds, rounds] = [given.rate, given.seconds, given.rounds].map(Number) as [
  number,
  number,
  number,
];
const IDLE_S = 10;
const SETTLE_MS = 30_000;
const SERVICES = new Set(
  'gateway users users-replica orders catalog payments notifications unstable'.split(' '),
);
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Subject extends Running {
  readonly tree: string;
  /** Processors in use while nobody orders, by process. */
  readonly idle: Readonly<Record<string, number>>;
  readonly rounds: Round[];
  missing: readonly string[];
}

interface Round {
  readonly placed: Placed;
  /** Milliseconds of CPU an order, by process, without what it takes at rest. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Spans and lines an order. */
  readonly spans: number;
  readonly lines: number;
}

async function measure(): Promise<Subject[]> {
  const running: (Running & { tree: string })[] = [];
  try {
    for (const tree of given.tree) {
      for (const variant of given.variants.split(',')) {
        say(`starting ${variant} of ${tree}`);
        running.push({ ...(await startVariant(tree, variant)), tree });
      }
    }
    for (const { stack, name } of running) {
      say(`warming up ${name}`);
      await placeOrders(stack.url('GATEWAY_PORT'), rate, Number(given['warm-up']));
    }
    const idle = await atRest(running);
    const subjects = running.map((one, i) => ({
      ...one,
      idle: idle[i] as Record<string, number>,
      rounds: [] as Round[],
      missing: [] as readonly string[],
    }));
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
        await loadOnce(subject);
      }
    }
    return subjects;
  } finally {
    for (const { stack } of running) await stack.down();
  }
}

async function atRest(running: readonly Running[]): Promise<Record<string, number>[]> {
  say('at rest');
  await sleep(3_000);
  const before = running.map(({ pids }) => readCpu(pids));
  await sleep(IDLE_S * 1_000);
  return running.map(({ pids }, i) => used(before[i] as CpuTimes, readCpu(pids), 1 / IDLE_S));
}

async function loadOnce(subject: Subject): Promise<void> {
  const { stack, pids, telemetry, idle } = subject;
  const counts = () => (telemetry ? readTelemetry(stack) : undefined);
  const before = await counts();
  const [cpuBefore, startedAt] = [readCpu(pids), performance.now()];
  const placed = await placeOrders(stack.url('GATEWAY_PORT'), rate, seconds);
  // What an order leaves to do, its telemetry first of all, is the order's.
  await sleep(2_000);
  const tookS = (performance.now() - startedAt) / 1_000;
  const cpu = used(cpuBefore, readCpu(pids), 1_000 / placed.orders);
  const cpuMs = Object.fromEntries(
    Object.entries(cpu).map(([name, ms]) => [
      name,
      ms - ((idle[name] ?? 0) * tookS * 1_000) / placed.orders,
    ]),
  );
  subject.missing = [...subject.missing, ...placed.failed.map((why) => `an order failed: ${why}`)];
  let [spans, lines] = [0, 0];
  if (before) {
    const until = Date.now() + SETTLE_MS;
    let after = await readTelemetry(stack);
    while (missing(before, after).length > 0 && Date.now() < until) {
      await sleep(500);
      after = await readTelemetry(stack);
    }
    subject.missing = [...subject.missing, ...missing(before, after)];
    spans = (after.spans.accepted - before.spans.accepted) / placed.orders;
    lines = (after.lines.accepted - before.lines.accepted) / placed.orders;
  }
  subject.rounds.push({ placed, cpuMs, spans, lines });
}

function used(before: CpuTimes, after: CpuTimes, factor: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after.processes).map(([name, until]) => [
      name,
      (until - (before.processes[name] ?? 0)) * factor,
    ]),
  );
}

function render(subjects: readonly Subject[]): string {
  const columns = subjects.map((subject) => {
    const median = (of: (round: Round) => number) => summarize(subject.rounds.map(of)).median;
    const sum = (which: (name: string) => boolean) =>
      median(({ cpuMs }) =>
        Object.entries(cpuMs).reduce((total, [name, ms]) => (which(name) ? total + ms : total), 0),
      );
    return { subject, median, sum };
  });
  const names = [...new Set(subjects.flatMap(({ pids }) => Object.keys(pids)))];
  const row = (head: string, cells: readonly string[]) =>
    [head.padEnd(18), ...cells.map((cell) => cell.padStart(14))].join('');
  const cpuRow = (name: string) =>
    row(
      name,
      columns.map(({ median, subject }) =>
        name in subject.pids ? median(({ cpuMs }) => cpuMs[name] ?? 0).toFixed(2) : '',
      ),
    );
  const trees = [...new Set(subjects.map(({ tree }) => tree))];
  return [
    `Node ${process.version}, ${availableParallelism()} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}; ` +
      `${rate} orders a second, ${rounds} rounds of ${seconds} s; medians; ms of CPU an order, rest taken off`,
    ...trees.map((tree, i) => `tree ${i + 1}: ${tree}`),
    '',
    row(
      'process',
      subjects.map(({ name, tree }) => `${trees.indexOf(tree) + 1} ${name}`),
    ),
    ...names.filter((name) => SERVICES.has(name)).map(cpuRow),
    row(
      'all services',
      columns.map(({ sum }) => sum((name) => SERVICES.has(name)).toFixed(2)),
    ),
    ...names.filter((name) => !SERVICES.has(name)).map(cpuRow),
    row(
      'everything',
      columns.map(({ sum }) => sum(() => true).toFixed(2)),
    ),
    '',
    row(
      'at rest, cores',
      subjects.map(({ idle }) =>
        Object.values(idle)
          .reduce((a, b) => a + b, 0)
          .toFixed(3),
      ),
    ),
    row(
      'spans an order',
      columns.map(({ median }) => median(({ spans }) => spans).toFixed(1)),
    ),
    row(
      'lines an order',
      columns.map(({ median }) => median(({ lines }) => lines).toFixed(1)),
    ),
    row(
      'p50 ms',
      columns.map(({ median }) => median(({ placed }) => placed.p50Ms).toFixed(1)),
    ),
    row(
      'p99 ms',
      columns.map(({ median }) => median(({ placed }) => placed.p99Ms).toFixed(1)),
    ),
    row(
      'missing',
      subjects.map((subject) => (subject.missing.length > 0 ? 'see below' : 'nothing')),
    ),
    ...subjects.flatMap(({ name, missing }) => missing.map((gap) => `${name}: ${gap}`)),
  ].join('\n');
}

const subjects = await measure();
const plain = subjects.map(({ stack, pids, ...subject }) => subject);
process.stdout.write(`${given.json ? JSON.stringify(plain, null, 2) : render(subjects)}\n`);

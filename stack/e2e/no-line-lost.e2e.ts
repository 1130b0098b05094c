import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pollUntil } from './poll.ts';
import { type Probe, probe, untilHealthy } from './probe.ts';
import { TestStack } from './test-stack.ts';

const OUTAGE_MS = 30_000;
const BASELINE_MS = 10_000;
const SETTLE_MS = 120_000;

/** Lines written by each service, counted in its files. */
function writtenLines(stack: TestStack): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const file of readdirSync(stack.serviceLogs)) {
    const service = file.split('.')[0] ?? '';
    const lines = readFileSync(join(stack.serviceLogs, file), 'utf8').split('\n');
    counts[service] = (counts[service] ?? 0) + lines.length - 1;
  }
  return counts;
}

async function lokiJson(stack: TestStack, path: string, parameters: object): Promise<never[]> {
  const query = new URLSearchParams(Object.entries(parameters));
  const response = await fetch(`${stack.url('LOKI_PORT')}/loki/api/v1/${path}?${query}`);
  if (!response.ok) return [];
  return ((await response.json()) as { data: { result: never[] } }).data.result;
}

/** Lines of each service in Loki. */
async function storedLines(stack: TestStack): Promise<Record<string, number>> {
  const query = 'sum by (service_name) (count_over_time({service_namespace="breakwater"}[1h]))';
  const result = await lokiJson(stack, 'query', { query });
  const series = result as { metric: { service_name: string }; value: [number, string] }[];
  return Object.fromEntries(
    series.map(({ metric, value }) => [metric.service_name, Number(value[1])]),
  );
}

/** How often Loki has each number of the writer; windows that do not overlap, so that it is exact. */
async function storedNumbers(stack: TestStack, fromMs: number, toMs: number): Promise<number[]> {
  const times: number[] = [];
  const windowMs = 2_000;
  for (let start = fromMs; start < toMs; start += windowMs) {
    const result = await lokiJson(stack, 'query_range', {
      query: '{service_name="line-writer"}',
      start: `${start}000000`,
      end: `${start + windowMs}000000`,
      limit: '5000',
    });
    for (const { values } of result as { values: [string, string][] }[]) {
      for (const [, line] of values) {
        const { number } = JSON.parse(line) as { number: number };
        times[number] = (times[number] ?? 0) + 1;
      }
    }
  }
  return times;
}

/** Waits until Loki has as many lines as the files, service by service; fails with both counts. */
async function expectAllStored(stack: TestStack): Promise<void> {
  await pollUntil(SETTLE_MS, async () => {
    const [written, stored] = [writtenLines(stack), await storedLines(stack)];
    assert.deepEqual(stored, written);
  });
}

function startWriter(stack: TestStack, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'line-writer.ts')], {
    env: { ...process.env, LOG_DIR: stack.serviceLogs, ...env },
    stdio: 'inherit',
  });
}

async function end(writer: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  writer.kill(signal);
  await once(writer, 'exit');
}

/** Numbers that are missing or doubled, given where the writers began and how many lines there are. */
function assertEachOnce(times: readonly number[], count: number): void {
  const wrong = Array.from({ length: count }, (_, i) => i).filter((number) => times[number] !== 1);
  assert.deepEqual(wrong, [], `${wrong.length} of ${count} lines are not in Loki exactly once`);
}

describe('no line is lost', () => {
  const stack = new TestStack();
  const fromMs = Date.now();
  let baseline: Probe;
  before(async () => {
    await stack.up();
    baseline = await probe(stack, BASELINE_MS);
    console.log(`baseline: ${JSON.stringify(baseline)}`);
  });
  after(() => stack.down());

  const linesSoFar = () => writtenLines(stack)['line-writer'] ?? 0;

  async function checkAll(name: string): Promise<void> {
    await expectAllStored(stack);
    assertEachOnce(await storedNumbers(stack, fromMs, Date.now()), linesSoFar());
    const written = Object.values(writtenLines(stack)).reduce((a, b) => a + b);
    console.log(`${name}: ${written} lines written, all in Loki, none twice`);
  }

  /** Requests go on while something is away, and must not notice. */
  async function whileAway(name: string, leave: () => Promise<void>, back: () => Promise<void>) {
    const writer = startWriter(stack, { FIRST_NUMBER: String(linesSoFar()) });
    await leave();
    const during = await probe(stack, OUTAGE_MS);
    await back();
    await end(writer, 'SIGTERM');
    console.log(`${name}: ${JSON.stringify(during)}`);
    assert.equal(during.failed, 0);
    assert.ok(
      during.p99Ms <= Math.max(3 * baseline.p99Ms, baseline.p99Ms + 150),
      'requests noticed',
    );
    await checkAll(name);
  }

  test('when a service is killed', async () => {
    const writer = startWriter(stack);
    await pollUntil(20_000, () => assert.ok(linesSoFar() > 1_000));
    await end(writer, 'SIGKILL');
    await stack.kill('catalog');
    await checkAll('service killed');
    await untilHealthy(stack);
  });

  test('when Loki is away for 30 s', () =>
    whileAway(
      'Loki away',
      () => stack.stop('loki'),
      () => stack.restart('loki'),
    ));

  test('when the collector is away for 30 s', () =>
    whileAway(
      'collector away',
      () => stack.stop('collector'),
      () => stack.restart('collector'),
    ));

  test('when the collector is killed', () =>
    whileAway(
      'collector killed',
      () => stack.kill('collector'),
      async () => undefined,
    ));
});

test('no line is lost when the disk quota of the queue is full', async () => {
  const quota = 3_000_000;
  const stack = new TestStack({
    'otel/collector.yaml': (text) => text.replace('queue_size: 536870912', `queue_size: ${quota}`),
  });
  const fromMs = Date.now();
  try {
    await stack.up();
    await stack.stop('loki');
    const writer = startWriter(stack, { LINE_BYTES: '1000', LINES_PER_TICK: '30' });
    const written = () => writtenLines(stack)['line-writer'] ?? 0;
    await pollUntil(60_000, () => assert.ok(written() * 1_000 > 5 * quota));
    await end(writer, 'SIGTERM');
    await stack.restart('loki');
    await expectAllStored(stack);
    assertEachOnce(await storedNumbers(stack, fromMs, Date.now()), written());
    console.log(`queue full: ${written()} lines of 1 kB through a queue of ${quota} bytes`);
  } finally {
    await stack.down();
  }
});

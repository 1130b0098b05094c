/**
 * One run of a k6 script, and everything that tells whether it went well.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { TestStack } from '../../stack/e2e/test-stack.ts';
import { findComponent } from '../../stack/src/find-component.ts';
import { type LoadResult, runK6 } from '../../stack/src/load/run-k6.ts';
import { cpuShares, readCpu } from './cpu-account.ts';
import { missing, readTelemetry, type TelemetryCounts } from './telemetry-account.ts';

/** What `steady` did at one rate. */
export interface Trial {
  /** Requests a second that were asked for. */
  readonly rate: number;
  readonly seconds: number;
  readonly requests: number;
  /** Orders that were paid, a second. */
  readonly ordersPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Checks of answers that failed. */
  readonly wrong: number;
  /** Requests that were left out because too many were waiting. */
  readonly leftOut: number;
  /** Telemetry that did not arrive, in words. */
  readonly missing: readonly string[];
  /** Series in Prometheus before and after, those of k6 left out. */
  readonly series: readonly [before: number, after: number];
  /** Processors in use, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** p99 under the limit, nothing wrong, left out or missing. */
  readonly held: boolean;
}

type Metrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

const K6 = fileURLToPath(new URL('../../k6', import.meta.url));
const SETTLE_MS = 60_000;
const SCRAPE_S = 5;
const SERIES = 'count({__name__=~".+",__name__!~"k6_.*"})';

/** Runs a script of `k6/load` with `env` beside the stack's own variables. */
export async function runScript(
  stack: TestStack,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<LoadResult> {
  const k6 = await findComponent('k6', process.env);
  if (!('path' in k6)) throw new Error(`k6 is missing: npm run stack:install -- k6`);
  return runK6({
    binary: k6.path,
    script: `${K6}/load/${name}.ts`,
    name,
    testId: `bench-${name}-${Date.now()}`,
    reports: `${K6}/reports`,
    prometheusUrl: stack.url('PROMETHEUS_PORT'),
    env: { ...process.env, ...stack.env, ...env },
    report: () => undefined,
  });
}

/**
 * Runs `steady` at a rate, waits until its telemetry is where it belongs, and sums up.
 *
 * @param limitMs what the p99 over the whole mix must stay below
 */
export async function runTrial(
  stack: TestStack,
  rate: number,
  seconds: number,
  limitMs: number,
): Promise<Trial> {
  const pids = await stack.pids();
  const [before, cpuBefore] = [await atRest(stack), readCpu(pids)];
  const seriesBefore = await query(stack, SERIES);
  const env = { RATE: String(rate), DURATION: `${seconds}s` };
  const { summary, testId } = await runScript(stack, 'steady', env);
  const cpu = cpuShares(cpuBefore, readCpu(pids));
  const metrics = (summary as { metrics: Metrics }).metrics;
  const value = (metric: string, field: string) => metrics[metric]?.[field] ?? 0;

  const requests = value('http_reqs', 'count');
  const lost = await settled(async () => [
    ...missing(before, await readTelemetry(stack)),
    ...(await samplesMissing(stack, testId, requests, seconds)),
  ]);
  const trial = {
    rate,
    seconds,
    requests,
    ordersPerS: value('http_req_failed{name:order,scenario:steady}', 'fails') / seconds,
    p50Ms: value('http_req_duration', 'med'),
    p99Ms: value('http_req_duration', 'p(99)'),
    wrong: value('checks{scenario:steady}', 'fails'),
    leftOut: value('dropped_iterations{scenario:steady}', 'count'),
    missing: lost,
    series: [seriesBefore, await query(stack, SERIES)] as const,
    cpu,
  };
  const { p99Ms, wrong, leftOut } = trial;
  const held = p99Ms < limitMs && wrong === 0 && leftOut === 0 && lost.length === 0;
  return { ...trial, held };
}

/** Waits for requests to be answered well again after a run that was too much. */
export async function untilHealthy(stack: TestStack): Promise<void> {
  for (let inRow = 0, tries = 0; inRow < 10; tries++) {
    if (tries > 300) throw new Error('orders are not paid any more');
    const response = await fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
    });
    await response.arrayBuffer();
    inRow = response.status === 201 ? inRow + 1 : 0;
    await sleep(100);
  }
}

/** The counters once nothing is under way any more, from one second to the next. */
async function atRest(stack: TestStack): Promise<TelemetryCounts> {
  for (let last = await readTelemetry(stack); ; ) {
    await sleep(1_000);
    const now = await readTelemetry(stack);
    if (isDeepStrictEqual(now, last)) return now;
    last = now;
  }
}

/** Asks until nothing is missing, and for a minute at most: what is under way is not lost. */
async function settled(check: () => Promise<string[]>): Promise<string[]> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const gaps = await check();
    if (gaps.length === 0 || Date.now() > until) return gaps;
    await sleep(1_000);
  }
}

/** Whether k6's samples are all in Prometheus, and no scrape of the run failed or was left out. */
async function samplesMissing(
  stack: TestStack,
  testId: string,
  requests: number,
  seconds: number,
): Promise<string[]> {
  const written = await query(stack, `sum(k6_http_reqs_total{testid="${testId}"})`);
  const failed = await query(stack, `sum(count_over_time((up == 0)[${seconds}s:${SCRAPE_S}s]))`);
  const scrapes = await query(stack, `min(count_over_time(up[${seconds}s]))`);
  const expected = Math.floor(seconds / SCRAPE_S) - 1;
  return [
    ...(written === requests ? [] : [`${requests} requests by k6, ${written} in Prometheus`]),
    ...(failed === 0 ? [] : [`${failed} scrapes failed`]),
    ...(scrapes >= expected ? [] : [`${scrapes} of ${expected} scrapes of a process`]),
  ];
}

async function query(stack: TestStack, promql: string): Promise<number> {
  const url = `${stack.url('PROMETHEUS_PORT')}/api/v1/query?query=${encodeURIComponent(promql)}`;
  const answer = (await (await fetch(url)).json()) as {
    error?: string;
    data?: { result: { value: [number, string] }[] };
  };
  if (!answer.data) throw new Error(`Prometheus refused ${promql}: ${answer.error}`);
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

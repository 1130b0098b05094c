/**
 * `npm run bench -- http`: what each layer of a service costs, against a bare Hono service and
 * against two services that people set up by the guides of OpenTelemetry and Hono.
 *
 * Every variant runs in its own process and all of them live through the whole run; each round
 * loads one after the other, so that noise of the machine falls on all alike and the ratios within
 * a round stay true. CPU time per request is counted beside requests per second, since it hardly
 * feels what else runs on the machine.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type Delivered,
  failRequests,
  join as joinFailures,
  readLines,
  readPage,
} from './http/delivered.ts';
import type { LoadOrder, LoadResult } from './http/load.ts';
import type { Received } from './http/otlp-sink.ts';
import type { Usage } from './http/server.ts';
import { type Summary, summarize } from './statistics.ts';

const USAGE = `usage: npm run bench -- http [--rounds N] [--seconds S] [--connections N] [--json]
                           [--only a,b] [--profile VARIANT] [--log-dir]

Without --only: bare, everything, auto and honootel. Steps: bare, ids, metrics, line, traces,
everything, auto, honootel. Lines go to standard output, a file, in every variant; with --log-dir
ours go to LOG_DIR as well. In between: --rounds 3 --seconds 3.`;

interface Step {
  readonly what: string;
  /** Loaded before the program. */
  readonly imports: readonly string[];
  /** Default: ours, which is told the step's name. */
  readonly program?: string;
  /** Whether every request must leave a line, a SERVER span, a count. */
  readonly owes: { readonly lines?: true; readonly spans?: true; readonly counts?: true };
}

const REGISTER = import.meta.resolve('@breakwater/otel/register');
const AUTO = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register');
const HONO_OTEL_SDK = new URL('http/peer-honootel-sdk.ts', import.meta.url).href;
const ALL = { lines: true, spans: true, counts: true } as const;

const STEPS: Readonly<Record<string, Step>> = {
  bare: { what: 'Hono alone', imports: [], owes: {} },
  ids: { what: '+ ids on every response', imports: [], owes: {} },
  metrics: { what: '+ RED metrics with exemplars', imports: [], owes: { counts: true } },
  line: { what: '+ one log line', imports: [], owes: { counts: true, lines: true } },
  traces: { what: '+ SERVER spans over OTLP', imports: [REGISTER], owes: ALL },
  everything: {
    what: 'createService(): all of it, and deadlines, limits, errors',
    imports: [REGISTER],
    owes: ALL,
  },
  auto: {
    what: 'auto-instrumentations-node/register, winston, @hono/prometheus',
    imports: [AUTO],
    program: 'http/peer-auto.ts',
    owes: ALL,
  },
  honootel: {
    what: '@hono/otel, NodeSDK, pino, @hono/prometheus',
    imports: [HONO_OTEL_SDK],
    program: 'http/peer-honootel.ts',
    owes: ALL,
  },
};
const DEFAULT_STEPS = ['bare', 'everything', 'auto', 'honootel'];
/** Requests of each variant that fail, once the load is over. */
const FAILURES = 20;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly json: boolean;
  readonly steps: readonly string[];
  readonly profile: string | undefined;
  readonly logDir: boolean;
}

interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  /** Where its standard output goes. */
  readonly output: string;
  requests: number;
}

interface Sample extends LoadResult {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function main(): Promise<void> {
  const options = readOptions();
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-bench-'));
  const children: ChildProcess[] = [];
  try {
    const sink = start('http/otlp-sink.ts', [], {});
    const load = start('http/load.ts', [], {});
    children.push(sink, load);
    const { port: sinkPort } = await answer<{ port: number }>(sink);
    const servers: Server[] = [];
    for (const name of options.steps) {
      const server = await startServer(name, sinkPort, directory, options);
      children.push(server.process);
      servers.push(server);
    }
    const samples = await measure(servers, load, options);
    const base = samples.get(options.steps[0] as string) as Sample[];
    const rows: Row[] = [];
    for (const server of servers) {
      rows.push(row(samples.get(server.name) as Sample[], base, await account(server, sink)));
    }
    if (options.json) console.log(JSON.stringify({ node: process.version, ...options, rows }));
    console.error(table(rows, options));
    const lost = rows.flatMap(missing);
    if (lost.length > 0) throw new Error(`not everything was delivered: ${lost.join(', ')}`);
  } finally {
    for (const child of children) {
      if (child.connected) child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '9' },
        seconds: { type: 'string', default: '2' },
        connections: { type: 'string', default: '20' },
        only: { type: 'string' },
        profile: { type: 'string' },
        'log-dir': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const steps = values.only ? values.only.split(',') : DEFAULT_STEPS;
    const unknown = steps.find((step) => !STEPS[step]);
    if (unknown) throw new Error(`no step is called ${unknown}: ${Object.keys(STEPS).join(', ')}`);
    return {
      rounds: positive('rounds', values.rounds),
      seconds: positive('seconds', values.seconds),
      connections: positive('connections', values.connections),
      json: values.json,
      steps,
      profile: values.profile,
      logDir: values['log-dir'],
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} wants a positive number`);
  return value;
}

function start(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  execArgv: readonly string[] = [],
  stdout: number | 'inherit' = 'inherit',
): ChildProcess {
  return fork(new URL(file, import.meta.url), args, {
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  });
}

async function startServer(
  name: string,
  sinkPort: number,
  directory: string,
  { profile, logDir }: Options,
): Promise<Server> {
  const { imports, program } = STEPS[name] as Step;
  const execArgv = [
    ...imports.flatMap((module) => ['--import', module]),
    ...(profile === name
      ? ['--cpu-prof', '--cpu-prof-dir=.', `--cpu-prof-name=${name}.cpuprofile`]
      : []),
  ];
  const env = {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}/${name}`,
    // Metrics are @hono/prometheus's, and lines stand on standard output: not a second time by OTLP.
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    ...(logDir ? { LOG_DIR: directory } : {}),
  };
  const output = join(directory, `${name}.stdout`);
  const args = program ? [] : [name];
  const child = start(program ?? 'http/server.ts', args, env, execArgv, openSync(output, 'w'));
  const { port } = await answer<{ port: number }>(child);
  return { name, process: child, port, output, requests: 0 };
}

/** The next message of a child; rejects when it ends instead. */
async function answer<T>(child: ChildProcess): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the benchmark ended with ${code}; its reason stands above`);
      }),
    ]);
    return message as T;
  } finally {
    settled.abort();
  }
}

function ask<T>(child: ChildProcess, question: object): Promise<T> {
  child.send(question);
  return answer<T>(child);
}

async function measure(
  servers: readonly Server[],
  load: ChildProcess,
  { rounds, seconds, connections }: Options,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(servers.map(({ name }) => [name, []]));
  for (const server of servers) await loadServer(server, load, connections, 3);
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${round + 1} of ${rounds}`);
    // Another order each round, so that nobody always follows the heaviest.
    for (const server of rotate(servers, round)) {
      samples.get(server.name)?.push(await loadServer(server, load, connections, seconds));
    }
  }
  return samples;
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  const turned = [...items.slice(at), ...items.slice(0, at)];
  return by % 2 === 0 ? turned : turned.reverse();
}

async function loadServer(
  server: Server,
  load: ChildProcess,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const order: LoadOrder = { port: server.port, path: '/items/42', connections, seconds };
  const before = await ask<Usage>(server.process, {});
  const result = await ask<LoadResult>(load, order);
  const after = await ask<Usage>(server.process, {});
  server.requests += result.requests;
  if (result.failed > 0) throw new Error(`${server.name}: ${result.failed} answers were not 200`);
  return {
    ...result,
    perSecond: result.requests / result.seconds,
    cpuUs: (after.cpuUs - before.cpuUs) / result.requests,
  };
}

/** Lets some requests fail, waits until what the server owes has come, and sums it up. */
async function account(server: Server, sink: ChildProcess): Promise<Account> {
  const { owes } = STEPS[server.name] as Step;
  // The load is over: what the failures add, in memory as well, is not the load's.
  const { rssBytes } = await ask<Usage>(server.process, {});
  const traceIds = Array.from({ length: FAILURES }, () => randomBytes(16).toString('hex'));
  await ask<Received>(sink, { traceIds });
  const failures = await failRequests(server.port, traceIds);
  const requests = server.requests + FAILURES;
  let received = await ask<Received>(sink, {});
  const spans = () => received.spans[server.name] ?? 0;
  for (let tries = 0; owes.spans && spans() < requests && tries < 100; tries++) {
    await delay(100);
    received = await ask<Received>(sink, {});
  }
  const page = await ask<string>(server.process, { metrics: true });
  const { lines, errors } = await readLines(server.output, traceIds);
  return {
    step: server.name,
    rssMib: Math.round(rssBytes / 2 ** 20),
    requests,
    lines,
    spans: spans(),
    ...readPage(page),
    failures: joinFailures(failures, errors, received.watched, page),
  };
}

interface Account extends Delivered {
  readonly step: string;
  readonly rssMib: number;
}

/** What a variant owes and did not deliver, in words. */
function missing({ step, requests, lines, spans, counted }: Account): string[] {
  const { owes } = STEPS[step] as Step;
  const short = (what: string, owed: true | undefined, there: number) =>
    owed && there < requests ? [`${step}: ${there} ${what} of ${requests} requests`] : [];
  return [
    ...short('lines', owes.lines, lines),
    ...short('spans', owes.spans, spans),
    ...short('counted', owes.counts, counted),
  ];
}

interface Row extends Account {
  readonly perSecond: number;
  /** Requests per second as a share of the first step's, in the same round. */
  readonly share: Summary;
  readonly cpuUs: number;
  /** The first step's CPU time per request as a share of this one's, in the same round. */
  readonly cpuShare: Summary;
  readonly p50: number;
  readonly p99: number;
}

function row(own: readonly Sample[], base: readonly Sample[], account: Account): Row {
  const median = (of: (sample: Sample) => number) => summarize(own.map(of)).median;
  const shares = (of: (sample: Sample, bare: Sample) => number) =>
    summarize(own.map((sample, round) => of(sample, base[round] as Sample)));
  return {
    perSecond: Math.round(median((sample) => sample.perSecond)),
    share: shares((sample, bare) => sample.perSecond / bare.perSecond),
    cpuUs: median((sample) => sample.cpuUs),
    cpuShare: shares((sample, bare) => bare.cpuUs / sample.cpuUs),
    p50: median((sample) => sample.p50),
    p99: median((sample) => sample.p99),
    ...account,
  };
}

function table(rows: readonly Row[], { rounds, seconds, connections }: Options): string {
  const head = [
    'step'.padEnd(12),
    'req/s'.padStart(7),
    'of bare (quartiles)'.padStart(20),
    'CPU/req'.padStart(9),
    'of bare (quartiles)'.padStart(20),
    'p50 ms'.padStart(7),
    'p99 ms'.padStart(7),
    'MiB'.padStart(5),
  ].join(' ');
  const lines = rows.map((row) =>
    [
      row.step.padEnd(12),
      String(row.perSecond).padStart(7),
      spread(row.share).padStart(20),
      `${row.cpuUs.toFixed(1)} us`.padStart(9),
      spread(row.cpuShare).padStart(20),
      row.p50.toFixed(2).padStart(7),
      row.p99.toFixed(2).padStart(7),
      String(row.rssMib).padStart(5),
    ].join(' '),
  );
  const kept = rows.map(
    ({ step, requests, lines, spans, counted, series, exemplars }) =>
      `${step.padEnd(12)} ${requests} requests: ${lines} lines, ${spans} spans, ${counted} counted; ` +
      `${series} series, ${exemplars} exemplars`,
  );
  const joined = rows.map(
    ({ step, failures: { of, response, line, span, exemplar } }) =>
      `${step.padEnd(12)} ${of} failures, joined by trace id: ${response} responses, ${line} lines, ` +
      `${span} spans, ${exemplar} exemplars`,
  );
  return [
    `Node ${process.version}, ${availableParallelism()} cores, ${connections} connections, ` +
      `${rounds} rounds of ${seconds} s; medians over rounds`,
    '',
    head,
    ...lines,
    '',
    ...kept,
    '',
    ...joined,
    '',
    ...rows.map(({ step }) => `${step.padEnd(12)} ${STEPS[step]?.what}`),
  ].join('\n');
}

function spread({ median, low, high }: Summary): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`;
}

await main();

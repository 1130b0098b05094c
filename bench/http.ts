/**
 * `npm run bench -- http`: what each layer of a service costs, against a bare Hono service.
 *
 * Every variant runs in its own process and all of them live through the whole run; each round
 * loads one after the other, so that noise of the machine falls on all alike and the ratios within
 * a round stay true. CPU time per request is counted beside requests per second, since it hardly
 * feels what else runs on the machine.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LoadOrder, LoadResult } from './http/load.ts';
import type { Usage } from './http/server.ts';
import { type Summary, summarize } from './statistics.ts';

const USAGE = `usage: npm run bench -- http [--rounds N] [--seconds S] [--connections N] [--json]
                           [--only a,b] [--profile VARIANT]`;

const STEPS: Readonly<Record<string, { what: string; traced: boolean }>> = {
  bare: { what: 'Hono alone', traced: false },
  ids: { what: '+ ids on every response', traced: false },
  metrics: { what: '+ RED metrics with exemplars', traced: false },
  line: { what: '+ one log line, stdout and LOG_DIR', traced: false },
  traces: { what: '+ SERVER spans over OTLP', traced: true },
  everything: { what: 'createService(): all of it, and deadlines, limits, errors', traced: true },
};

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly json: boolean;
  readonly steps: readonly string[];
  readonly profile: string | undefined;
}

interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  requests: number;
}

interface Sample extends LoadResult {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const REGISTER = import.meta.resolve('@breakwater/otel/register');

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
      const server = await startServer(name, sinkPort, directory, options.profile === name);
      children.push(server.process);
      servers.push(server);
    }
    const samples = await measure(servers, load, options);
    const accounts = await Promise.all(servers.map(account));
    const base = samples.get(options.steps[0] as string) as Sample[];
    const rows = servers.map(({ name }, i) =>
      row(name, samples.get(name) as Sample[], base, accounts[i] as Account),
    );
    if (options.json) console.log(JSON.stringify({ node: process.version, ...options, rows }));
    console.error(table(rows, options));
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
        json: { type: 'boolean', default: false },
      },
    });
    const steps = values.only ? values.only.split(',') : Object.keys(STEPS);
    const unknown = steps.find((step) => !STEPS[step]);
    if (unknown) throw new Error(`no step is called ${unknown}: ${Object.keys(STEPS).join(', ')}`);
    return {
      rounds: positive('rounds', values.rounds),
      seconds: positive('seconds', values.seconds),
      connections: positive('connections', values.connections),
      json: values.json,
      steps,
      profile: values.profile,
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
  profiled: boolean,
): Promise<Server> {
  const execArgv = [
    ...(STEPS[name]?.traced ? ['--import', REGISTER] : []),
    ...(profiled ? ['--cpu-prof', '--cpu-prof-dir=.', `--cpu-prof-name=${name}.cpuprofile`] : []),
  ];
  const env = {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sinkPort}`,
    LOG_DIR: directory,
  };
  const child = start(
    'http/server.ts',
    [name],
    env,
    execArgv,
    openSync(join(directory, `${name}.stdout`), 'w'),
  );
  const { port } = await answer<{ port: number }>(child);
  return { name, process: child, port, requests: 0 };
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

/** What a server wrote and sent for its requests: a fast one that loses half would be no gain. */
interface Account {
  readonly requests: number;
  readonly lines: number;
  readonly spans: number;
  readonly spansLost: number;
  readonly rssMib: number;
}

async function account(server: Server): Promise<Account> {
  let usage = await ask<Usage>(server.process, {});
  for (let tries = 0; usage.spansQueued > 0 && tries < 100; tries++) {
    await delay(100);
    usage = await ask<Usage>(server.process, {});
  }
  return {
    requests: server.requests,
    lines: usage.lines,
    spans: usage.spansExported,
    spansLost: usage.spansDropped + usage.spansQueued,
    rssMib: Math.round(usage.rssBytes / 2 ** 20),
  };
}

interface Row extends Account {
  readonly step: string;
  readonly perSecond: number;
  /** Requests per second as a share of the first step's, in the same round. */
  readonly share: Summary;
  readonly cpuUs: number;
  /** The first step's CPU time per request as a share of this one's, in the same round. */
  readonly cpuShare: Summary;
  readonly p50: number;
  readonly p99: number;
}

function row(step: string, own: readonly Sample[], base: readonly Sample[], account: Account): Row {
  const median = (of: (sample: Sample) => number) => summarize(own.map(of)).median;
  const shares = (of: (sample: Sample, bare: Sample) => number) =>
    summarize(own.map((sample, round) => of(sample, base[round] as Sample)));
  return {
    step,
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
    ({ step, requests, lines, spans, spansLost }) =>
      `${step.padEnd(12)} ${requests} requests, ${lines} lines, ${spans} spans, ${spansLost} lost`,
  );
  return [
    `Node ${process.version}, ${availableParallelism()} cores, ${connections} connections, ` +
      `${rounds} rounds of ${seconds} s; medians over rounds`,
    '',
    head,
    ...lines,
    '',
    ...kept,
  ].join('\n');
}

function spread({ median, low, high }: Summary): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`;
}

await main();

/**
 * `npm run bench -- rpc`: what a call to a peer costs both sides, over REST by `fetch`, over REST by
 * the pooled client of `@breakwater/client`, and over gRPC. All telemetry is on, and every call goes
 * through a policy and comes back checked.
 *
 * The peer and each way to ask it are processes that live through the whole run; each round asks in
 * one way after the other, in another order, so that what else the machine does falls on all alike.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RpcOrder, RpcResult } from './rpc/client.ts';
import { type Summary, summarize } from './statistics.ts';

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '3000' },
    concurrency: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, calls, concurrency] = [given.rounds, given.calls, given.concurrency].map(Number) as [
  number,
  number,
  number,
];

const WAYS: Readonly<Record<string, string>> = {
  fetch: 'REST by `fetch`',
  undici: 'REST by a pool of undici (`@breakwater/client`)',
  grpc: 'gRPC unary (`@breakwater/grpc`)',
};
/** Calls before the first round: until then code is compiled. */
const WARM_UP = 3_000;

interface Round {
  readonly clientUs: number;
  readonly serverUs: number;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

const logs = mkdtempSync(join(tmpdir(), 'bench-rpc-'));
const children: ChildProcess[] = [];
try {
  const sink = start('http/otlp-sink.ts', [], {}, []);
  const { port } = await told<{ port: number }>(sink);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/bench` };
  const telemetry = ['--import', import.meta.resolve('@breakwater/otel/register')];
  const server = start('rpc/server.ts', [], env, telemetry);
  const ports = await told<{ rest: number; grpc: number }>(server);
  const urls = [`http://127.0.0.1:${ports.rest}`, `http://127.0.0.1:${ports.grpc}`];
  const clients = new Map<string, ChildProcess>();
  for (const way of Object.keys(WAYS)) {
    const client = start('rpc/client.ts', [way, ...urls], env, telemetry);
    await told(client);
    clients.set(way, client);
    await measure(client, server, { calls: WARM_UP, concurrency });
  }
  const measured = new Map<string, Round[]>(Object.keys(WAYS).map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    const order = [...clients].map((_, i, all) => all[(i + round) % all.length] as (typeof all)[0]);
    for (const [way, client] of order) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${way}\n`);
      measured.get(way)?.push(await measure(client, server, { calls, concurrency }));
    }
  }
  print(measured);
} finally {
  for (const child of children) if (child.connected) child.disconnect();
  rmSync(logs, { recursive: true, force: true });
}

async function measure(
  client: ChildProcess,
  server: ChildProcess,
  order: RpcOrder,
): Promise<Round> {
  const before = await ask<NodeJS.CpuUsage>(server, {});
  const { cpuUs, seconds, p50, p99 } = await ask<RpcResult>(client, order);
  const after = await ask<NodeJS.CpuUsage>(server, {});
  const serverUs = after.user + after.system - before.user - before.system;
  return {
    clientUs: cpuUs / order.calls,
    serverUs: serverUs / order.calls,
    ...{ p50, p99 },
    perSecond: order.calls / seconds,
  };
}

/** Lines go to a file, as they would in a container. */
function start(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  execArgv: string[],
): ChildProcess {
  const out = openSync(join(logs, `${children.length}.log`), 'w');
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv,
    env: { ...process.env, ...env },
    stdio: ['ignore', out, 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message');
  return message as T;
}

function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const reply = told<T>(child);
  child.send(message);
  return reply;
}

function print(measured: ReadonlyMap<string, readonly Round[]>): void {
  const rows = [...measured].map(([way, all]) => {
    const of = (key: keyof Round): Summary => summarize(all.map((round) => round[key]));
    const figures = {
      clientUs: of('clientUs'),
      serverUs: of('serverUs'),
      p50: of('p50'),
      p99: of('p99'),
    };
    return { way, ...figures, perSecond: of('perSecond') };
  });
  if (given.json) {
    process.stdout.write(`${JSON.stringify({ rounds, calls, concurrency, rows }, null, 2)}\n`);
    return;
  }
  const us = ({ median, low, high }: Summary) =>
    `${median.toFixed(0)} us (${low.toFixed(0)}-${high.toFixed(0)})`;
  const ms = ({ median }: Summary) => `${median.toFixed(2)} ms`;
  const lines = rows.map(
    ({ way, clientUs, serverUs, p50, p99, perSecond }) =>
      `| ${WAYS[way]} | ${us(clientUs)} | ${us(serverUs)} | ${ms(p50)} | ${ms(p99)} | ${perSecond.median.toFixed(0)} |`,
  );
  const head =
    '| way | CPU of the client a call | CPU of the server a call | p50 | p99 | calls/s |';
  process.stdout.write(`${[head, '|---|---|---|---|---|---|', ...lines].join('\n')}\n`);
}

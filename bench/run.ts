/**
 * `npm run bench -- NAME`: runs one of the benchmarks behind docs/measurements.md.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What can be measured; each file stands on its own and takes its own options. */
const BENCHMARKS: Readonly<Record<string, { file: string; what: string }>> = {
  dashboards: { file: 'dashboards.ts', what: 'the queries of every panel over a day of data' },
  http: { file: 'http.ts', what: 'a bare Hono service against ours, layer by layer' },
  load: { file: 'load.ts', what: 'orders a second that the whole stack holds, and what limits it' },
  order: { file: 'order.ts', what: 'CPU an order in each process, with telemetry and without' },
  resilience: {
    file: '../packages/resilience/bench/resilience.bench.ts',
    what: 'one call through a policy against cockatiel alone and opossum',
  },
  rpc: { file: 'rpc.ts', what: 'a call to a peer by fetch, by a pool of undici, and over gRPC' },
  start: { file: 'start.ts', what: 'npm start without backends until the console shows a failure' },
  stalls: { file: 'stalls.ts', what: 'what else happened while an order was slow' },
  stack: { file: 'stack.ts', what: 'start, memory and time to visible of the whole stack' },
};

const [name = '', ...options] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
const file = benchmark && fileURLToPath(new URL(benchmark.file, import.meta.url));
if (!file || !existsSync(file)) {
  console.error(
    `usage: npm run bench -- NAME [options]; ${name ? `there is no ${name}; ` : ''}NAME is`,
  );
  for (const [known, { what }] of Object.entries(BENCHMARKS)) {
    console.error(`  ${known.padEnd(12)}${what}`);
  }
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [file, ...options], { stdio: 'inherit' });
process.exitCode = status ?? 1;

/**
 * `npm run bench -- resilience`: what one call costs through a policy, against cockatiel's own and
 * opossum.
 *
 * Each round runs every contestant in turn, so that what else runs on the machine falls on all
 * alike. The CPU time of the main thread is counted rather than time on the clock, and the best
 * round is given beside the middle one: the code costs no less, whatever the noise.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BadGatewayError } from '@breakwater/errors';
import { type Contestant, passing, refusing, withMetrics } from './contestants.ts';

const USAGE = 'usage: npm run bench -- resilience [--rounds N] [--calls N] [--memory N] [--json]';

interface Options {
  readonly rounds: number;
  readonly calls: number;
  readonly memory: number;
  readonly json: boolean;
}

/** CPU time of one call, in nanoseconds. */
interface Row {
  readonly name: string;
  readonly what: string;
  readonly best: number;
  readonly median: number;
}

interface Goal {
  readonly goal: string;
  readonly reached: string;
  readonly met: boolean;
}

async function main(): Promise<void> {
  const options = readOptions();
  const passed = await measure(passing(), options);
  const refused = await measure(await refusing(), options);
  const memory = await growth(options.memory);
  const goals = judge(passed, refused, memory);
  const result = { node: process.version, ...options, passed, refused, memory, goals };
  if (options.json) console.log(JSON.stringify(result));
  console.error(`\nA call that succeeds, ns of CPU:\n${table(passed)}`);
  console.error(`\nA call that an open circuit refuses, ns of CPU:\n${table(refused)}`);
  console.error(`\nHeap after ${memory.calls} calls: ${kib(memory.grownBytes)} KiB more`);
  for (const { goal, reached, met } of goals) {
    console.error(`${met ? 'reached' : 'MISSED '}  ${goal}: ${reached}`);
  }
}

async function measure(contestants: readonly Contestant[], options: Options): Promise<Row[]> {
  const samples = contestants.map((): number[] => []);
  for (const contestant of contestants) await contestant.run(options.calls);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const calls = options.calls * (contestant.times ?? 1);
      const before = process.threadCpuUsage();
      await contestant.run(calls);
      const { user, system } = process.threadCpuUsage(before);
      samples[index]?.push(((user + system) * 1_000) / calls);
    }
    progress(`round ${round + 1} of ${options.rounds}`);
  }
  return contestants.map(({ name, what }, index) => {
    const sorted = [...(samples[index] ?? [])].sort((a, b) => a - b);
    return { name, what, best: at(sorted, 0), median: at(sorted, Math.floor(sorted.length / 2)) };
  });
}

interface Growth {
  readonly calls: number;
  readonly grownBytes: number;
}

/** What the heap holds after many calls of every kind beyond what it held after the first tenth. */
async function growth(calls: number): Promise<Growth> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const fallback = [{ source: 'degraded', value: 0 }] as const;
  const dependency = withMetrics('memory', { retry: { backoff: { initialMs: 0 } }, fallback });
  const caller = new AbortController();
  const run = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      await dependency.execute(
        async ({ signal }) => {
          if (signal.aborted || i % 20 === 0) throw new BadGatewayError('memory');
          return i;
        },
        { signal: caller.signal, cacheKey: `key-${i}` },
      );
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const warm = await run(0, calls / 10);
  const end = await run(calls / 10, calls);
  return { calls, grownBytes: end - warm };
}

function judge(passed: Row[], refused: Row[], memory: Growth): Goal[] {
  const best = (rows: Row[], name: string) => rows.find((row) => row.name === name)?.best ?? 0;
  const bare = best(passed, 'bare');
  const ours = best(passed, 'ours');
  const metrics = best(passed, 'ours+metrics');
  const cockatiel = best(passed, 'cockatiel');
  const added = metrics - bare;
  const share = (metrics - ours) / metrics;
  const rejection = best(refused, 'ours+metrics');
  return [
    goal('with metrics at most 10 us over a bare await', us(added), added <= 10_000),
    goal('and below the wrap of cockatiel', ratio(metrics, cockatiel), metrics < cockatiel),
    goal('metrics at most 25 % of it', `${Math.round(share * 100)} %`, share <= 0.25),
    goal('a refusal at most 2 us, with metrics', us(rejection), rejection <= 2_000),
    goal(
      'no growth of memory, at most 1 byte a call',
      `${kib(memory.grownBytes)} KiB`,
      memory.grownBytes < memory.calls,
    ),
  ];
}

function goal(name: string, reached: string, met: boolean): Goal {
  return { goal: name, reached, met };
}

const us = (ns: number) => `${(ns / 1_000).toFixed(2)} us`;
const kib = (bytes: number) => Math.round(bytes / 1_024);
const ratio = (ns: number, of: number) => `${(ns / of).toFixed(2)} of it`;
const at = (sorted: readonly number[], index: number) => Math.round(sorted[index] ?? 0);

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, what, best, median }) =>
    [name.padEnd(13), String(best).padStart(7), String(median).padStart(7), ` ${what}`].join(' '),
  );
  return [`${''.padEnd(13)} ${'best'.padStart(7)} ${'median'.padStart(7)}`, ...lines].join('\n');
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '15' },
        calls: { type: 'string', default: '20000' },
        memory: { type: 'string', default: '1000000' },
        json: { type: 'boolean', default: false },
      },
    });
    const { rounds, calls, memory, json } = values;
    return { rounds: count(rounds), calls: count(calls), memory: count(memory), json };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 10) return number;
  throw new RangeError(`${text} is no number of 10 or more`);
}

await main();
// The timers of the policies, which wait for nobody now.
process.exit();

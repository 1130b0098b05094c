/**
 * `npm run bench -- start`: how long `npm start` takes, without any backend installed, until the
 * console shows a failure with its trace, its log lines and its circuit. On ports of its own.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TestStack } from '../stack/e2e/test-stack.ts';

const REPOSITORY = resolve(import.meta.dirname, '..');
const ROUNDS = 3;
const POLL_MS = 50;
/** A row of the list of failures, with the trace it leads to: one that met the circuit. */
const DEMO_FAILURE = /\/trace\/([0-9a-f]{32})(?:(?!\/trace\/)[\s\S])*?call-external/;
const GIVE_UP_MS = 180_000;

/** Seconds from `npm start`. */
interface Times {
  /** The console answers. */
  console: number;
  /** A failure is in its list. */
  failure: number;
  /** Its page has the trace and the line with the error's code, and the circuit is shown. */
  story: number;
  /** Everything is ready. */
  ready: number;
  /** Processor time that all processes had taken when the story was there: what a busy machine leaves true. */
  cpuAtStory: number;
}

const cache = mkdtempSync(join(tmpdir(), 'breakwater-no-cache-'));
const bare = { XDG_CACHE_HOME: cache, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
const say = (text: string) => process.stderr.write(`${text}\n`);
const runs: { first: Times; second: Times; load: number }[] = [];

try {
  for (let round = 0; round < ROUNDS; round++) {
    const stack = new TestStack({}, bare);
    try {
      const load = loadavg()[0] ?? 0;
      const first = await startOnce(stack);
      say(JSON.stringify({ first, load }));
      // The list would show the failures of the run before.
      rmSync(stack.serviceLogs, { recursive: true });
      const second = await startOnce(stack);
      runs.push({ first, second, load });
      say(JSON.stringify({ second }));
    } finally {
      await stack.down();
    }
  }
  process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
} finally {
  rmSync(cache, { recursive: true });
}

async function startOnce(stack: TestStack): Promise<Times> {
  const startedAt = performance.now();
  const seconds = () => Number(((performance.now() - startedAt) / 1_000).toFixed(2));
  const npm = spawn('npm', ['start', '--', '--file', stack.composeFile], {
    cwd: REPOSITORY,
    env: { ...process.env, ...stack.env, PATH: `${stack.env.PATH}:${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ready = new Promise<number>((resolve) => {
    npm.stderr.on('data', (text) => {
      if (String(text).includes('Everything is ready')) resolve(seconds());
    });
  });
  try {
    const url = stack.url('CONSOLE_PORT');
    await pageWith(`${url}/`, /<main/);
    const console = seconds();
    const [, traceId = ''] = await pageWith(`${url}/`, DEMO_FAILURE);
    const failure = seconds();
    await pageWith(`${url}/api/sources/trace?about=${traceId}`, /"spans":\[\{/);
    await pageWith(`${url}/trace/${traceId}`, /[A-Z]+_[A-Z_]+/);
    await pageWith(`${url}/circuits`, /external/);
    const story = seconds();
    const cpuAtStory = processorSeconds(npm.pid as number);
    return { console, failure, story, ready: await ready, cpuAtStory };
  } finally {
    await end(npm);
  }
}

/** Processor time of a process and all that came from it, the ended included. */
function processorSeconds(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (.*)/);
        const fields = rest.split(' ').map(Number);
        // See proc(5): 4 is the parent, 14 to 17 are the times in ticks of 10 ms, children's included.
        const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
        return [{ pid: Number(pid), parent: fields[1] ?? 0, ticks }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
  const family = new Set([root]);
  for (const { pid, parent } of processes.sort((a, b) => a.pid - b.pid)) {
    if (family.has(parent)) family.add(pid);
  }
  const ticks = processes
    .filter(({ pid }) => family.has(pid))
    .reduce((sum, process) => sum + process.ticks, 0);
  return ticks / 100;
}

/** What a pattern finds in a page, as soon as it finds something. */
async function pageWith(url: string, pattern: RegExp): Promise<RegExpExecArray> {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    const text = await fetch(url).then(
      (response) => (response.ok ? response.text() : ''),
      () => '',
    );
    const found = pattern.exec(text);
    if (found) return found;
    if (performance.now() > until) throw new Error(`${url} never had ${pattern}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function end(npm: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  npm.kill('SIGINT');
  await ended;
}

/**
 * `npm run bench -- load`: the highest rate that `steady` holds, the knee that `ramp` finds, and
 * what limits it. Starts a stack of its own, with every telemetry backend.
 *
 * @module
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TestStack } from '../stack/e2e/test-stack.ts';
import { findKnee, type Knee, renderKnee } from '../stack/src/load/knee.ts';
import { OTHERS, STOLEN } from './load/cpu-account.ts';
import { type ProfileSummary, summarizeProfile } from './load/cpu-profile.ts';
import { runScript, runTrial, type Trial, untilHealthy } from './load/trial.ts';

const { values: given } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    from: { type: 'string', default: '20' },
    to: { type: 'string', default: '300' },
    step: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    p99: { type: 'string', default: '250' },
    'no-profile': { type: 'boolean', default: false },
  },
});
const [from, to, step] = [Number(given.from), Number(given.to), Number(given.step)];
const [seconds, p99Ms] = [Number(given.seconds), Number(given.p99)];
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Result {
  readonly loadBefore: number;
  readonly knee: Knee | undefined;
  readonly trials: readonly Trial[];
  /** The highest rate that held. */
  readonly best: Trial | undefined;
  readonly profiles: Readonly<Record<string, ProfileSummary>>;
}

async function measure(): Promise<Result> {
  const [loadBefore = 0] = loadavg();
  const { knee, trials, best } = await search();
  const profiles = given['no-profile'] ? {} : await profile(best?.rate ?? from);
  return { loadBefore, knee, trials, best, profiles };
}

async function search(): Promise<Pick<Result, 'knee' | 'trials' | 'best'>> {
  const stack = new TestStack();
  const trials: Trial[] = [];
  const attempt = async (rate: number, forS = seconds) => {
    await untilHealthy(stack);
    const trial = await runTrial(stack, rate, forS, p99Ms);
    trials.push(trial);
    say(line(trial));
    return trial;
  };
  try {
    await stack.up();
    say('warming up');
    await runScript(stack, 'steady', { RATE: String(from), DURATION: '20s' });
    say('ramp');
    const env = { FROM: String(from), TO: String(to), STEP: String(step), STEP_DURATION: '15s' };
    const knee = findKnee((await runScript(stack, 'ramp', env)).summary);
    if (knee) say(renderKnee(knee));

    say(HEAD);
    // Up while it holds, down while it does not, in half steps; then once more, twice as long.
    const half = Math.max(1, Math.round(step / 2));
    let rate = Math.max(from, knee?.rate ?? from);
    let [low, high] = [0, Number.POSITIVE_INFINITY];
    while (high - low > half && rate >= half) {
      if ((await attempt(rate)).held) low = rate;
      else high = rate;
      rate = high === Number.POSITIVE_INFINITY ? low + half : high - half;
      if (rate <= low) break;
    }
    for (rate = low; rate >= half; rate -= half) {
      const best = await attempt(rate, 2 * seconds);
      if (best.held) return { knee, trials, best };
    }
    return { knee, trials, best: undefined };
  } finally {
    await stack.down();
  }
}

/** The same stack once more, each service with the profiler of V8 on, which writes when it ends. */
async function profile(rate: number): Promise<Record<string, ProfileSummary>> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-profiles-'));
  const flags = `--cpu-prof --cpu-prof-dir=${folder}`;
  const stack = new TestStack({
    'docker-compose.yml': (text) => text.replace('NODE_OPTIONS: ', `NODE_OPTIONS: ${flags} `),
  });
  try {
    await stack.up();
    say(`profiling at ${rate} a second`);
    const pids = await stack.pids();
    const fromUs = nowUs();
    await runScript(stack, 'steady', { RATE: String(rate), DURATION: `${seconds}s` });
    const stretch = { fromUs, toUs: nowUs() };
    await stack.command('down', '--file', stack.composeFile);
    const files = readdirSync(folder);
    return Object.fromEntries(
      Object.entries(pids).flatMap(([name, pid]) => {
        // CPU.<day>.<time>.<pid>.<thread>.<number>.cpuprofile
        const file = files.find((candidate) => candidate.split('.')[3] === String(pid));
        return file ? [[name, summarizeProfile(join(folder, file), stretch)]] : [];
      }),
    );
  } finally {
    await stack.down();
    rmSync(folder, { recursive: true });
  }
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

const COLUMNS = ['rate/s', 'orders/s', 'p50 ms', 'p99 ms', 'wrong', 'left out'];
const HEAD = COLUMNS.map((name) => name.padStart(9)).join('');

function line(trial: Trial): string {
  const { rate, ordersPerS, p50Ms, p99Ms, wrong, leftOut, missing, held, seconds, cpu } = trial;
  const [before, after] = trial.series;
  const cells = [rate, ordersPerS.toFixed(1), p50Ms.toFixed(0), p99Ms.toFixed(0), wrong, leftOut];
  const [others, stolen] = [cpu[OTHERS] ?? 0, cpu[STOLEN] ?? 0];
  const idle = cpu.idle ?? 0;
  return [
    ...cells.map((cell) => String(cell).padStart(9)),
    `  ${seconds} s, ${held ? 'held' : 'NOT HELD'}, of ${availableParallelism()} cores others took ${others.toFixed(2)} and the host ${stolen.toFixed(2)}, ${idle.toFixed(2)} idle, ${before} to ${after} series`,
    ...missing.map((gap) => `\n           missing: ${gap}`),
  ].join('');
}

function render({ loadBefore, knee, trials, best, profiles }: Result): string {
  const cpu = Object.entries(best?.cpu ?? trials.at(-1)?.cpu ?? {}).sort(([, a], [, b]) => b - a);
  return [
    `Node ${process.version}, ${availableParallelism()} cores, load average ${loadBefore.toFixed(1)} before`,
    ...(knee ? ['', renderKnee(knee)] : []),
    '',
    HEAD,
    ...trials.map(line),
    best
      ? `held: ${best.ordersPerS.toFixed(1)} orders a second among ${best.rate} requests, p99 under ${p99Ms} ms, nothing lost`
      : `no rate from ${from} a second held`,
    '',
    'processors in use:',
    ...cpu.map(([name, share]) => `  ${name.padEnd(16)}${share.toFixed(3)}`),
    ...busiest(profiles).flatMap(([name, { busyS, packages, functions }]) => [
      '',
      `${name}: busy ${busyS.toFixed(1)} s; self time by package, by function`,
      ...packages.map(({ what, share }, i) =>
        [
          `  ${percent(share)}  ${what.padEnd(44)}`,
          `${percent(functions[i]?.share ?? 0)}  ${functions[i]?.what ?? ''}`,
        ].join(''),
      ),
    ]),
  ].join('\n');
}

/** Those that a person looks at; `--json` has all. */
function busiest(profiles: Result['profiles']): [string, ProfileSummary][] {
  return Object.entries(profiles)
    .sort(([, a], [, b]) => b.busyS - a.busyS)
    .slice(0, 3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(5)} %`;
}

const result = await measure();
process.stdout.write(`${given.json ? JSON.stringify(result, null, 2) : render(result)}\n`);

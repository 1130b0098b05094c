/**
 * `npm run bench -- dashboards`: how long the queries of every panel take over a day of data.
 *
 * @module
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addresses, Backends, type Range } from '../dashboards/src/live/backends.ts';
import {
  builtIn,
  interpolate,
  intervalS,
  resolveVariables,
} from '../dashboards/src/live/interpolate.ts';
import { driveScenarios } from '../dashboards/src/live/scenarios.ts';
import { expressions } from '../dashboards/src/offline/check-names.ts';
import { promqlNames } from '../dashboards/src/offline/expressions.ts';
import { panelsOf, readModel, type Target } from '../dashboards/src/offline/model.ts';
import { TestStack } from '../stack/e2e/test-stack.ts';
import { findComponent } from '../stack/src/find-component.ts';
import { BLOCK_S, writeBlock } from './dashboards/blocks.ts';
import { pushDay, sampleLines } from './dashboards/lines.ts';
import { shapesOf } from './dashboards/series.ts';
import { quantile } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    /** Seconds between samples. */
    step: { type: 'string', default: '5' },
    'lines-per-second': { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const LIMIT_MS = 1_000;
const DAY_S = 86_400;
const SEEN_S = 45;
const say = (text: string) => process.stderr.write(`${text}\n`);

const promtool = await findComponent('promtool');
if ('reason' in promtool) {
  say(`${promtool.reason}; npm run stack:install makes it`);
  process.exit(1);
}
const model = await readModel();
const stack = new TestStack();
try {
  await stack.up();
  const at = addresses(stack.env as NodeJS.ProcessEnv);
  const backends = new Backends(at);
  const endS = Math.floor(Date.now() / 1_000 / BLOCK_S) * BLOCK_S;
  const day = { fromS: endS - DAY_S, toS: endS };
  const data = await makeDay(at, backends, day);
  say(`a day of data: ${JSON.stringify(data)}`);
  const rows = await askAll(backends, day);
  const slowest = rows[0];
  if (options.json) console.log(JSON.stringify({ data, rows }, null, 2));
  else {
    for (const { panel, cpuMs, firstMs, medianMs, title } of rows.slice(0, 12)) {
      const times = `${`${medianMs} ms`.padStart(8)}  first ${firstMs} ms  CPU ${cpuMs} ms`;
      console.log(`${times}  ${panel}  ${title}`);
    }
  }
  if (slowest && slowest.medianMs > LIMIT_MS) {
    say(
      `${slowest.panel} takes ${slowest.medianMs} ms, the limit is ${LIMIT_MS}: record its query`,
    );
    process.exitCode = 1;
  }
} finally {
  await stack.down();
}

/** Lets the stack work for a while, and makes a day of what it showed. */
async function makeDay(at: ReturnType<typeof addresses>, backends: Backends, day: Range) {
  await driveScenarios({
    at,
    controlToken: 'breakwater-dev',
    file: stack.composeFile,
    load: true,
    steps: [
      { name: 'healthy', seconds: 20 },
      {
        name: 'provider-503',
        seconds: 25,
        fault: { route: 'POST /charges', kind: 'status', status: 503 },
      },
    ],
    report: say,
  });
  const used = expressions(model).flatMap(({ language, expr }) =>
    language === 'promql' ? promqlNames(expr).selectors.map(({ metric }) => metric) : [],
  );
  const shapes = await shapesOf(backends, [...new Set(used)], SEEN_S);
  const sample = await sampleLines(backends, SEEN_S);
  await emptyLoki();
  const lines = await pushDay(at.loki, sample, Number(options['lines-per-second']), day.toS);
  say(`${lines} lines are in Loki; ${shapes.length} series`);
  await stack.stop('prometheus');
  const folder = join(stack.root, '.stack/data/prometheus');
  let samples = 0;
  for (let fromS = day.fromS; fromS < day.toS; fromS += BLOCK_S) {
    samples += (await writeBlock(program(), shapes, fromS, Number(options.step), folder)).samples;
    say(`${samples} samples`);
  }
  await stack.restart('prometheus');
  return { series: shapes.length, samples, lines, stepS: Number(options.step) };
}

/** Loki takes lines of a stream only where none is much newer. */
async function emptyLoki(): Promise<void> {
  await stack.stop('collector');
  await stack.stop('loki');
  rmSync(join(stack.root, '.stack/data/loki'), { recursive: true });
  mkdirSync(join(stack.root, '.stack/data/loki'));
  await stack.restart('loki');
}

function program(): string {
  return 'path' in promtool ? promtool.path : '';
}

interface Row {
  readonly panel: string;
  readonly title: string;
  /** What Prometheus and Loki computed for one asking: what a busy machine cannot stretch. */
  readonly cpuMs: number;
  /** With nothing in any cache of ours, and the median of the rounds. */
  readonly firstMs: number;
  readonly medianMs: number;
}

/** Every query of every panel over the day, the slowest panel first. */
async function askAll(backends: Backends, day: Range): Promise<Row[]> {
  const rows: Row[] = [];
  const pids = await backendPids();
  const { lines } = await backends.loki('{service_namespace="breakwater"}', day, 60, 1);
  const traceId = lines[0]?.labels.trace_id ?? '';
  for (const dashboard of model.dashboards) {
    const { values } = await resolveVariables(dashboard, backends, day, { traceId });
    for (const panel of panelsOf(dashboard)) {
      const times: number[] = [];
      const cpuBefore = cpuMs(pids);
      for (let i = 0; i < Number(options.rounds); i++) {
        const took = (panel.targets ?? []).map(async (target) => {
          const startedAt = performance.now();
          await ask(target, backends, day, { ...builtIn(day), ...values });
          return performance.now() - startedAt;
        });
        times.push(Math.round(Math.max(...(await Promise.all(took)))));
      }
      const medianMs = Math.round(quantile(times, 0.5));
      const name = `${dashboard.uid}/${panel.id}`;
      rows.push({
        panel: name,
        title: panel.title,
        cpuMs: Math.round((cpuMs(pids) - cpuBefore) / times.length),
        firstMs: times[0] ?? 0,
        medianMs,
      });
    }
  }
  return rows.sort((a, b) => b.medianMs - a.medianMs);
}

async function backendPids(): Promise<number[]> {
  const { stdout } = await stack.command('status', '--json', '--file', stack.composeFile);
  const { processes } = JSON.parse(stdout) as { processes: { name: string; pid: number }[] };
  return processes.filter(({ name }) => /^(prometheus|loki)$/.test(name)).map(({ pid }) => pid);
}

/** CPU time of processes so far; see proc(5). */
function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

/** As Grafana asks: an instant query only at the end of the range. */
async function ask(
  { datasource, expr, query, instant, maxLines }: Target,
  backends: Backends,
  day: Range,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const text = interpolate(expr ?? query ?? '', values);
  if (datasource.type === 'jaeger') await backends.trace(text);
  else if (datasource.type === 'loki')
    await backends.loki(text, day, intervalS(day), maxLines ?? 100);
  else if (instant) await backends.prometheusRange(text, { fromS: day.toS, toS: day.toS }, 1);
  else await backends.prometheusRange(text, day, intervalS(day));
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Journal, Verdict } from '@breakwater/console/experiments';
import type { Experiment } from '../chaos/experiment.ts';
import { experimentNames, loadExperiment } from '../chaos/experiments.ts';
import { Holders } from '../chaos/holders.ts';
import { Places } from '../chaos/places.ts';
import { plannedSeconds } from '../chaos/planned-load.ts';
import { renderJournal } from '../chaos/render.ts';
import { reportPage } from '../chaos/report.ts';
import { runExperiment } from '../chaos/run.ts';
import { UndoJournal } from '../chaos/undo-journal.ts';
import { pauseDemo } from '../demo/demo-traffic.ts';
import { StackError } from '../errors.ts';
import { findComponent } from '../find-component.ts';
import { probe } from '../readiness.ts';
import { openSources, type StackSources } from '../sources.ts';
import { type CommandOptions, parseOptions } from './options.ts';

/** Exit codes of a run; 0 only when it passed and its undo was verified. */
const EXIT: Readonly<Record<Verdict, number>> = {
  passed: 0,
  failed: 1,
  inconclusive: 3,
  aborted: 4,
  error: 5,
};
/** What a run takes beside what is planned: the check before, the join after; in milliseconds. */
const DEMO_PAUSE_MS = 180_000;
/** How often a run of several is tried again whose system was sick before anything was injected. */
const AGAIN = 2;
/** Of a run that passed and left a fault behind. */
const NOT_UNDONE = 6;

/** Runs experiments, or tells of them and of active faults. */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, ['NAME']);
  const places = await Places.of(options.file);
  process.chdir(dirname(options.file));
  const [word = ''] = options.words;
  if (word === 'list') return list(options);
  if (word === 'faults') return faults(options, places);
  if (word === 'undo') return undo(options, places);
  return experiments(options, places, word === 'all' ? await experimentNames() : [word]);
}

async function list({ json }: CommandOptions): Promise<number> {
  const found = await Promise.all(
    (await experimentNames()).map(async (name) => {
      const experiment = await loadExperiment(name);
      const { title, description, tags } = experiment;
      return { name, title, description, tags, duration_s: plannedSeconds(experiment) };
    }),
  );
  const lines = found.map(
    ({ name, title, duration_s }) => `${name.padEnd(20)} ${duration_s} s  ${title}`,
  );
  print(json ? JSON.stringify(found, null, 2) : lines.join('\n'));
  return 0;
}

async function faults({ json }: CommandOptions, places: Places): Promise<number> {
  const active = await new Holders(places).active();
  const lines = active.map((f) => `${f.holder}: ${f.fault}, until ${f.expires_at}`);
  print(json ? JSON.stringify(active, null, 2) : lines.join('\n') || 'No fault is active.');
  return 0;
}

async function undo({ json }: CommandOptions, places: Places): Promise<number> {
  const journal = new UndoJournal(places.undoFile);
  const { ended, left } = await new Holders(places).clear();
  if (left.length === 0) journal.clear();
  const lines = [...ended.map((f) => `ended ${f}`), ...left.map((f) => `could not end ${f}`)];
  print(json ? JSON.stringify({ ended, left }) : lines.join('\n') || 'No fault was active.');
  return left.length === 0 ? 0 : 1;
}

async function experiments(
  options: CommandOptions,
  places: Places,
  names: readonly string[],
): Promise<number> {
  const loaded = await Promise.all(
    names.map(async (name) => ({
      name: basename(name, '.ts'),
      experiment: await loadExperiment(name),
    })),
  );
  const runnable = names.length === 1 ? loaded : loaded.filter((each) => isRunnable(each, places));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const opened = await reachableSources(options.file, places);
  const k6 = await findComponent('k6', places.env);
  const reports =
    places.env.CHAOS_REPORTS ?? join(import.meta.dirname, '../../../k6/reports/chaos');
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);
  const runOnce = async ({ name, experiment }: Loaded): Promise<Journal> => {
    const resumeDemo = pauseFor(experiment, opened);
    const journal = await runExperiment({
      name,
      experiment,
      places,
      sources: opened?.sources,
      remoteWrite: opened?.backends === 'native',
      k6: 'path' in k6 ? k6.path : undefined,
      reports,
      signal: stop.signal,
      say,
    });
    resumeDemo();
    const page = writeReports(reports, journal);
    if (!options.json) print(`${renderJournal(journal)}\nreport: ${page}\n`);
    return journal;
  };
  const journals: Journal[] = [];
  for (const each of runnable) {
    if (stop.signal.aborted) break;
    let journal = await runOnce(each);
    for (
      let again = 1;
      again <= (names.length > 1 ? AGAIN : 0) && wasSick(journal) && !stop.signal.aborted;
      again++
    ) {
      say(`${each.name} is tried again, ${again} of ${AGAIN}: nothing had been injected`);
      journal = await runOnce(each);
    }
    journals.push(journal);
  }
  for (const signal of SIGNALS) process.off(signal, onSignal);
  if (options.json) print(JSON.stringify(names.length === 1 ? journals[0] : journals, null, 2));
  return Math.max(0, ...journals.map(exitCode));
}

/** Writes the journal and the page of a run. @returns the path of the page */
function writeReports(reports: string, journal: Journal): string {
  const folder = join(reports, journal.testid);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'journal.json'), `${JSON.stringify(journal, null, 2)}\n`);
  const page = join(folder, 'report.html');
  writeFileSync(page, reportPage(journal));
  return page;
}

/** Whether a run ended before it had injected anything: it says nothing about the system under faults. */
function wasSick({ verdict, injections }: Journal): boolean {
  return verdict === 'aborted' && injections.length === 0;
}

/** Whether the stack's switches let its faults land, as far as the environment tells. */
function isRunnable({ name, experiment }: Loaded, { env }: Places): boolean {
  const { needs } = experiment.extensions[0];
  if (!needs || env[needs] === 'on') return true;
  process.stderr.write(`${name} is left out: it wants a stack started with ${needs}=on\n`);
  return false;
}

interface Loaded {
  readonly name: string;
  readonly experiment: Experiment;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function exitCode({ verdict, undo_verified }: Journal): number {
  return verdict === 'passed' && !undo_verified ? NOT_UNDONE : EXIT[verdict];
}

/**
 * Where the telemetry is read: of an embedded stack from its console, else from the backends when all
 * three answer.
 *
 * @throws StackError when the services do not answer.
 */
async function reachableSources(file: string, places: Places): Promise<StackSources | undefined> {
  const gateway = await probe(`${places.url('gateway')}/healthz`);
  if (gateway !== undefined) {
    throw new StackError(
      `The gateway does not answer (${gateway}). Start the stack with npm start.`,
    );
  }
  const opened = openSources(file);
  if (opened.backends === 'embedded') return opened;
  const probes = await Promise.all([
    probe(`${places.url('prometheus')}/-/ready`),
    probe(`${places.url('loki')}/ready`),
    probe(`${places.url('jaeger')}/`),
  ]);
  return probes.every((problem) => problem === undefined) ? opened : undefined;
}

/** Keeps the demo traffic of an embedded stack away: it would be missing on the client's side. */
function pauseFor(experiment: Experiment, opened: StackSources | undefined): () => void {
  if (opened?.backends !== 'embedded') return () => undefined;
  const forMs = plannedSeconds(experiment) * 1000 + DEMO_PAUSE_MS;
  const pause = pauseDemo(opened.paths.demoPause, Date.now() + forMs);
  return () => pause.resume();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

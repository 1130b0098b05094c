import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Join,
  Journal,
  Phase,
  Statement,
  TimelineSample,
  Verdict,
} from '@breakwater/contracts';
import type { Sources } from '@breakwater/story';
import { sleep } from '../verify/sleep.ts';
import { Annotations } from './annotate.ts';
import { type Answer, figures, round, type Span, sampleOf, within } from './answers.ts';
import { clearLeftovers, expectNoFault, illness } from './before.ts';
import { callLoad } from './call-load.ts';
import { Ended } from './ended.ts';
import type { Action, Experiment, Extension, Probe } from './experiment.ts';
import { Holders } from './holders.ts';
import { Injector } from './injector.ts';
import { edgeCounts, joinAnswers, joinStatements, lostLines } from './join.ts';
import { Caller, k6Load, type Load, scaled } from './load.ts';
import { type Evidence, judge } from './measure.ts';
import type { Places } from './places.ts';
import { staysSilent } from './probes.ts';
import { ProgressReport } from './progress.ts';
import { UndoJournal } from './undo-journal.ts';
import { Watch } from './watch.ts';

/** What a run needs. */
export interface RunOptions {
  readonly name: string;
  readonly experiment: Experiment;
  readonly places: Places;
  /** Absent where there are no backends to join with. */
  readonly sources: Sources | undefined;
  /** Whether k6 can write its own results to Prometheus. */
  readonly remoteWrite: boolean;
  /** Program of k6; absent where it is not there. */
  readonly k6: string | undefined;
  /** Folder of all reports. */
  readonly reports: string;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

/** Longest wait for a system that is on its way back from the run before, in milliseconds. */
const STEADY_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
/** Load before the baseline, in seconds: programs that have just begun are slow. */
const WARM_UP_S = 5;
/** Load that is kept in reserve for each process that has to start again, in seconds. */
const START_S = 6;
/** After the undo the steady state must hold for so long to count as recovered, in milliseconds. */
const RECOVERY_WINDOW_MS = 3_000;

/** Seconds that a run takes, roughly: what is planned, without the check before and the join after. */
export function plannedSeconds({ method, extensions: [own] }: Experiment): number {
  const pauses = method.reduce((sum, { pauses }) => sum + (pauses?.after ?? 0), 0);
  const load_s = own.baseline_s + pauses + own.recovery_s + own.after_s;
  if (!('rates' in own.load)) return load_s;
  const starts = method.filter(({ provider }) => provider.type === 'process_fault').length;
  return WARM_UP_S + load_s + starts * START_S;
}

/** Runs one experiment and says what came of it. Whatever happens, its faults are undone. */
export async function runExperiment(options: RunOptions): Promise<Journal> {
  return new Run(options).run();
}

class Run {
  readonly #options: RunOptions;
  readonly #own: Extension;
  readonly #testId: string;
  readonly #started = new Date();
  readonly #holders: Holders;
  readonly #undoJournal: UndoJournal;
  readonly #injector: Injector;
  readonly #watch: Watch;
  readonly #annotations: Annotations;
  readonly #progress: ProgressReport;
  readonly #timeline: TimelineSample[] = [];
  readonly #phases: { phase: Phase; t: number }[] = [];
  readonly #statements: Statement[] = [];
  #phase: Phase = 'checking';
  #phaseEndsAt = 0;
  #load: Load | undefined;
  #loadBegan = 0;
  #baseline: Span = { fromMs: 0, toMs: 0 };
  #injected: Span = { fromMs: 0, toMs: 0 };
  #after: Span = { fromMs: 0, toMs: 0 };
  #recoveredS: number | null = null;
  #undoneBefore: string[] = [];
  #undoVerified = true;
  #join: Join | null = null;

  constructor(options: RunOptions) {
    const { name, experiment, places, reports, say } = options;
    this.#options = options;
    [this.#own] = experiment.extensions;
    this.#testId = `${name}-${this.#started.toISOString().replace(/[:.]/g, '-')}`;
    this.#holders = new Holders(places);
    this.#undoJournal = new UndoJournal(places.undoFile);
    this.#injector = new Injector(
      this.#holders,
      places,
      this.#undoJournal,
      this.#testId,
      () => this.#answers,
    );
    this.#watch = new Watch(places, this.#own.watch, this.#probes);
    this.#annotations = new Annotations(places);
    const folder = join(reports, this.#testId);
    mkdirSync(folder, { recursive: true });
    const run = { experiment: name, testid: this.#testId };
    this.#progress = new ProgressReport(folder, run, this.#annotations, say);
  }

  async run(): Promise<Journal> {
    this.#progress.started(this.#options.experiment.title);
    let [verdict, reason]: [Verdict, string] = ['passed', 'every statement held'];
    const sampling = setInterval(() => void this.#sample(), LOOK_EVERY_MS);
    try {
      await this.#check();
      const before = await edgeCounts(this.#options.places.url('gateway'));
      const fromMs = Date.now();
      await this.#measure();
      await this.#joinTelemetry(fromMs, before);
      [verdict, reason] = this.#judge();
    } catch (error) {
      const { message } = error as Error;
      [verdict, reason] = [error instanceof Ended ? error.verdict : 'error', message];
    } finally {
      clearInterval(sampling);
      this.#load?.stop();
      await this.#undo();
      await this.#verifyUndo();
    }
    if (!this.#undoVerified) reason += '; and a fault may still be there: npm run chaos -- undo';
    this.#progress.verdict({ verdict, reason, undo_verified: this.#undoVerified });
    await this.#enter('done', `${verdict}: ${reason}`);
    await this.#annotations.close();
    return this.#journal(verdict, reason);
  }

  get #answers(): readonly Answer[] {
    return this.#load?.answers ?? [];
  }

  get #probes(): Probe[] {
    const { experiment } = this.#options;
    return [...experiment['steady-state-hypothesis'].probes, ...this.#own.during];
  }

  /** Clears what an earlier run has left, and wants a system that is well. */
  async #check(): Promise<void> {
    await this.#enter('checking', 'is the system well?');
    this.#undoneBefore = await clearLeftovers(this.#undoJournal, this.#holders);
    if (this.#undoneBefore.length > 0) {
      const what = this.#undoneBefore.join('; ');
      await this.#progress.step('checking', `undone, left by a run before: ${what}`);
    }
    await expectNoFault(this.#holders);
    const until = Date.now() + STEADY_MS;
    for (const { provider } of this.#options.experiment.method) {
      if (provider.type === 'seed') await this.#injector.seed(provider.afterwards);
    }
    for (;;) {
      this.#throwIfAborted();
      const ill = await illness(this.#options.places, this.#own, this.#watch);
      if (!ill) return;
      if (Date.now() > until) {
        throw new Ended(
          'aborted',
          `the system is sick before anything was injected: ${ill}. Look at npm run stack -- status`,
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Baseline, method, undo, recovery and after, under load. */
  async #measure(): Promise<void> {
    await this.#begin();
    if ('rates' in this.#own.load) await this.#wait('baseline', WARM_UP_S, 'warming up');
    this.#baseline = await this.#wait('baseline', this.#own.baseline_s, 'what is usual here');
    this.#state('baseline', this.#baseline, this.#hypothesis);
    const wrong = this.#statements.find(({ held }) => !held);
    if (wrong) {
      throw new Ended('aborted', `sick at the baseline: ${wrong.name}, observed ${wrong.observed}`);
    }
    await this.#method();
    await this.#recover();
    const during = this.#own.during.filter(({ provider }) => provider.type !== 'lost_lines');
    this.#state('injection', this.#injected, during);
    const silent = this.#own.silent_alerts ?? [];
    this.#state('injection', this.#injected, silent.map(staysSilent));
    if (!('rates' in this.#own.load)) this.#load?.stop();
    await this.#load?.ended;
  }

  get #hypothesis(): readonly Probe[] {
    return this.#options.experiment['steady-state-hypothesis'].probes;
  }

  async #begin(): Promise<void> {
    const { places, k6, remoteWrite, reports } = this.#options;
    const { load } = this.#own;
    const gatewayUrl = places.url('gateway');
    if (!('rates' in load)) {
      this.#load = callLoad(new Caller(gatewayUrl), load, () => this.#phase);
    } else {
      if (!k6) throw new Ended('aborted', 'k6 is missing: npm run stack:install -- k6');
      this.#load = k6Load({
        binary: k6,
        testId: this.#testId,
        rates: scaled(load.rates, this.#scale),
        seconds: plannedSeconds(this.#options.experiment),
        gatewayUrl,
        ...(remoteWrite ? { prometheusUrl: places.url('prometheus') } : {}),
        reportFile: join(reports, this.#testId, 'k6.html'),
      });
    }
    while (this.#answers.length === 0) {
      await Promise.race([sleep(100), this.#load.ended]);
      this.#throwIfAborted();
    }
    this.#loadBegan = Date.now();
  }

  /** `CHAOS_RATE` multiplies the rates, for machines that are slower or faster than most. */
  get #scale(): number {
    return Number(this.#options.places.env.CHAOS_RATE) || 1;
  }

  async #method(): Promise<void> {
    const { method } = this.#options.experiment;
    const fromMs = Date.now();
    this.#injected = { fromMs, toMs: fromMs };
    let due = fromMs;
    for (const action of method) {
      await this.#enter('injecting', action.name);
      due += (action.pauses?.after ?? 0) * 1000;
      this.#phaseEndsAt = due;
      const landed = await this.#act(action);
      if (!landed) break;
      await this.#until(due);
    }
    this.#injected = { fromMs, toMs: Date.now() };
  }

  /** @returns false when the method cannot go on: a fault could not be injected, or not ended. */
  async #act(action: Action): Promise<boolean> {
    if (action.provider.type === 'undo') return this.#undo();
    return this.#injector.inject(action);
  }

  /** @returns whether every fault has ended */
  async #undo(): Promise<boolean> {
    if (this.#injector.active.length === 0) return true;
    await this.#enter('undoing', this.#injector.active.join('; '));
    const left = await this.#injector.undo();
    if (left.length > 0) this.#undoVerified = false;
    return left.length === 0;
  }

  async #recover(): Promise<void> {
    const undoneFrom = Date.now();
    await this.#undo();
    await this.#enter('recovering', 'does the steady state come back?');
    // The load ends when it was planned to: what took longer before is taken from here.
    const { recovery_s, after_s } = this.#own;
    const loadEnds = this.#loadBegan + plannedSeconds(this.#options.experiment) * 1000;
    const until = Math.min(undoneFrom + recovery_s * 1000, loadEnds - after_s * 1000);
    this.#phaseEndsAt = until;
    while (Date.now() < until) {
      await this.#until(Math.min(until, Date.now() + 250));
      const now = Date.now();
      const window = { fromMs: now - RECOVERY_WINDOW_MS, toMs: now };
      if (window.fromMs < undoneFrom || this.#recoveredS !== null) continue;
      if (this.#isSteady(window)) {
        this.#recoveredS = round((window.fromMs - undoneFrom) / 1000, 1);
        // Calls need not go on; k6's load is planned to the end.
        if (!('rates' in this.#own.load)) break;
      }
    }
    this.#after = await this.#wait('after', this.#own.after_s, 'does it stay?');
    this.#state('after', this.#after, this.#hypothesis);
    this.#statements.push({
      during: 'after',
      name: 'the steady state comes back',
      expected: `at most ${this.#own.recovery_s} s after the undo`,
      observed: this.#recoveredS === null ? 'never' : `after ${this.#recoveredS} s`,
      held: this.#recoveredS !== null,
    });
  }

  #isSteady(span: Span): boolean {
    return this.#hypothesis.every((probe) => judge(probe, 'after', this.#evidence(span)).held);
  }

  async #joinTelemetry(fromMs: number, before: ReadonlyMap<string, number>): Promise<void> {
    const { sources, places, signal } = this.#options;
    await this.#enter('joining', 'has every failing response its trace, its lines and its count?');
    await this.#load?.ended;
    if (!sources) return;
    const toMs = Date.now();
    const range = { fromMs, toMs };
    const probe = this.#own.during.find(({ provider }) => provider.type === 'lost_lines');
    if (probe) {
      const lost = await lostLines(sources, places.serviceLogs, range, signal);
      const evidence = { ...this.#evidence(this.#injected), lostLines: lost };
      this.#statements.push(judge(probe, 'injection', evidence));
    }
    const withTime = { fromMs, toMs: toMs + 60_000 };
    const joined = await joinAnswers(sources, this.#answers, withTime, before, signal);
    this.#join = joined;
    this.#throwIfAborted();
    this.#statements.push(...joinStatements(joined, this.#own.join, this.#scale));
  }

  /** Asks who was asked for a fault whether one is left. */
  async #verifyUndo(): Promise<void> {
    const { injections } = this.#injector;
    if (injections.length === 0) return;
    const { method } = this.#options.experiment;
    const reached = injections.some(({ injected_at }) => injected_at !== null);
    for (const holder of new Set(method.flatMap((action) => this.#holders.of(action) ?? []))) {
      const left = await holder.list().catch(() => undefined);
      // One that does not answer and never did holds nothing of ours.
      if (left === undefined ? reached : left.length > 0) this.#undoVerified = false;
    }
    if (this.#undoVerified) this.#undoJournal.clear();
  }

  #judge(): [Verdict, string] {
    const { injections } = this.#injector;
    const missed = injections.find(({ landed }) => !landed);
    if (missed) return ['inconclusive', `"${missed.name}" did not land: ${missed.proof}`];
    const wrong = this.#statements.filter(({ held }) => !held);
    if (wrong.length === 0) return ['passed', `all ${this.#statements.length} statements held`];
    const first = wrong[0] as Statement;
    const more = wrong.length > 1 ? `; and ${wrong.length - 1} more` : '';
    return [
      'failed',
      `${first.name}: expected ${first.expected}, observed ${first.observed}${more}`,
    ];
  }

  #state(during: Statement['during'], span: Span, probes: readonly Probe[]): void {
    const evidence = this.#evidence(span);
    this.#statements.push(...probes.map((probe) => judge(probe, during, evidence)));
  }

  #evidence(span: Span): Evidence {
    return { answers: this.#answers, watch: this.#watch, baseline: this.#baseline, span };
  }

  async #enter(phase: Phase, step: string): Promise<void> {
    if (this.#phase !== phase || this.#phases.length === 0) {
      const t = this.#loadBegan ? round((Date.now() - this.#loadBegan) / 1000, 1) : 0;
      this.#phases.push({ phase, t });
    }
    this.#phase = phase;
    await this.#progress.step(phase, step);
  }

  async #wait(phase: Phase, seconds: number, step: string): Promise<Span> {
    const fromMs = Date.now();
    this.#phaseEndsAt = fromMs + seconds * 1000;
    await this.#enter(phase, step);
    await this.#until(this.#phaseEndsAt);
    return { fromMs, toMs: Date.now() };
  }

  /** @throws Ended when somebody stops the run, or the load breaks */
  async #until(atMs: number): Promise<void> {
    while (Date.now() < atMs) {
      this.#throwIfAborted();
      await sleep(Math.min(200, Math.max(0, atMs - Date.now())));
    }
    this.#throwIfAborted();
  }

  #throwIfAborted(): void {
    if (this.#options.signal.aborted) throw new Ended('aborted', 'somebody stopped it');
  }

  async #sample(): Promise<void> {
    if (this.#loadBegan === 0 || this.#phase === 'joining' || this.#phase === 'done') return;
    await this.#watch.look();
    const toMs = Date.now();
    const sample = sampleOf(within(this.#answers, { fromMs: toMs - 1000, toMs }), {
      t: round((toMs - this.#loadBegan) / 1000, 1),
      phase: this.#phase,
      breakers: { ...this.#watch.breakers },
      faults: this.#injector.active,
    });
    this.#timeline.push(sample);
    this.#progress.sample(sample, Math.max(0, Math.round((this.#phaseEndsAt - toMs) / 1000)));
  }

  #journal(verdict: Verdict, reason: string): Journal {
    const { name, experiment } = this.#options;
    const ended = new Date();
    return {
      testid: this.#testId,
      experiment: name,
      title: experiment.title,
      description: experiment.description,
      started_at: this.#started.toISOString(),
      ended_at: ended.toISOString(),
      duration_s: round((ended.getTime() - this.#started.getTime()) / 1000, 1),
      verdict,
      reason,
      undo_verified: this.#undoVerified,
      undone_before: this.#undoneBefore,
      statements: this.#statements,
      injections: this.#injector.injections,
      figures: {
        baseline: figures(this.#answers, this.#baseline),
        injection: figures(this.#answers, this.#injected),
        after: figures(this.#answers, this.#after),
      },
      recovered_s: this.#recoveredS,
      alerts: [...this.#watch.alerts.keys()],
      join: this.#join,
      timeline: this.#timeline,
      phases: this.#phases,
    };
  }
}

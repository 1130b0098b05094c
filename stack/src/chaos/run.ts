import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Join, Journal, Statement, Verdict } from '@breakwater/console/experiments';
import type { Sources } from '@breakwater/timeline';
import { sleep } from '../verify/sleep.ts';
import { Annotations } from './annotate.ts';
import { type Answer, figures, round, type Span } from './answers.ts';
import { clearLeftovers, expectNoFault, untilWell } from './before.ts';
import { Course } from './course.ts';
import { Ended } from './ended.ts';
import type { Action, Experiment, Extension, Probe } from './experiment.ts';
import { Holders } from './holders.ts';
import { Injector } from './injector.ts';
import { edgeCounts, joinAnswers, joinStatements, lostLines } from './join.ts';
import type { Load } from './load.ts';
import { type Evidence, judge } from './measure.ts';
import type { Places } from './places.ts';
import { loadScale, plannedSeconds, startLoad, WARM_UP_S } from './planned-load.ts';
import { ProgressReport } from './progress.ts';
import { UndoJournal } from './undo-journal.ts';
import { verdictOf } from './verdict.ts';
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

/** After the undo the steady state must hold for so long to count as recovered, in milliseconds. */
const RECOVERY_WINDOW_MS = 3_000;

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
  readonly #course: Course;
  readonly #folder: string;
  readonly #statements: Statement[] = [];
  #load: Load | undefined;
  #baseline: Span = { fromMs: 0, toMs: 0 };
  #injected: Span = { fromMs: 0, toMs: 0 };
  #after: Span = { fromMs: 0, toMs: 0 };
  #recoveredS: number | null = null;
  #undoneBefore: string[] = [];
  #undoVerified = true;
  #join: Join | null = null;

  constructor(options: RunOptions) {
    const { name, experiment, places, reports, say, signal } = options;
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
    this.#folder = join(reports, this.#testId);
    mkdirSync(this.#folder, { recursive: true });
    const run = { experiment: name, testid: this.#testId };
    this.#progress = new ProgressReport(this.#folder, run, this.#annotations, say);
    this.#course = new Course(this.#progress, this.#watch, signal, () => ({
      answers: this.#answers,
      faults: this.#injector.active,
    }));
  }

  async run(): Promise<Journal> {
    this.#progress.started(this.#options.experiment.title);
    let verdict: Verdict;
    let reason: string;
    try {
      await this.#check();
      const before = await edgeCounts(this.#options.places.operationsUrl('gateway'));
      const fromMs = Date.now();
      await this.#measure();
      await this.#joinTelemetry(fromMs, before);
      ({ verdict, reason } = verdictOf(this.#statements, this.#injector.injections));
    } catch (error) {
      verdict = error instanceof Ended ? error.verdict : 'error';
      reason = (error as Error).message;
    } finally {
      this.#course.end();
      this.#load?.stop();
      await this.#undo();
      await this.#verifyUndo();
    }
    if (!this.#undoVerified) reason += '; and a fault may still be there: npm run chaos -- undo';
    this.#progress.verdict({ verdict, reason, undo_verified: this.#undoVerified });
    await this.#course.enter('done', `${verdict}: ${reason}`);
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
    await this.#course.enter('checking', 'is the system well?');
    this.#undoneBefore = await clearLeftovers(this.#undoJournal, this.#holders);
    if (this.#undoneBefore.length > 0) {
      const what = this.#undoneBefore.join('; ');
      await this.#progress.step('checking', `undone, left by a run before: ${what}`);
    }
    await expectNoFault(this.#holders);
    for (const { provider } of this.#options.experiment.method) {
      if (provider.type === 'seed') await this.#injector.seed(provider.afterwards);
    }
    await untilWell(this.#options.places, this.#own, this.#watch, () =>
      this.#course.throwIfAborted(),
    );
  }

  /** Baseline, method, undo, recovery and after, under load. */
  async #measure(): Promise<void> {
    await this.#begin();
    if ('rates' in this.#own.load) await this.#course.wait('baseline', WARM_UP_S, 'warming up');
    this.#baseline = await this.#course.wait(
      'baseline',
      this.#own.baseline_s,
      'what is usual here',
    );
    this.#state('baseline', this.#baseline, this.#hypothesis);
    const wrong = this.#statements.find(({ held }) => !held);
    if (wrong) {
      throw new Ended('aborted', `sick at the baseline: ${wrong.name}, observed ${wrong.observed}`);
    }
    await this.#method();
    await this.#recover();
    const during = this.#own.during.filter(({ provider }) => provider.type !== 'lost_lines');
    this.#state('injection', this.#injected, during);
    if (!('rates' in this.#own.load)) this.#load?.stop();
    await this.#load?.ended;
  }

  get #hypothesis(): readonly Probe[] {
    return this.#options.experiment['steady-state-hypothesis'].probes;
  }

  async #begin(): Promise<void> {
    const { experiment, places, k6, remoteWrite } = this.#options;
    this.#load = startLoad(experiment, {
      ...{ places, k6, remoteWrite },
      testId: this.#testId,
      folder: this.#folder,
      phase: () => this.#course.phase,
    });
    while (this.#answers.length === 0) {
      await Promise.race([sleep(100), this.#load.ended]);
      this.#course.throwIfAborted();
    }
    this.#course.begin();
  }

  async #method(): Promise<void> {
    const { method } = this.#options.experiment;
    const fromMs = Date.now();
    this.#injected = { fromMs, toMs: fromMs };
    let due = fromMs;
    for (const action of method) {
      await this.#course.enter('injecting', action.name);
      due += (action.pauses?.after ?? 0) * 1000;
      this.#course.plan(due);
      const landed = await this.#act(action);
      if (!landed) break;
      await this.#course.until(due);
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
    await this.#course.enter('undoing', this.#injector.active.join('; '));
    const left = await this.#injector.undo();
    if (left.length > 0) this.#undoVerified = false;
    return left.length === 0;
  }

  async #recover(): Promise<void> {
    const undoneFrom = Date.now();
    await this.#undo();
    await this.#course.enter('recovering', 'does the steady state come back?');
    // The load ends when it was planned to: what took longer before is taken from here.
    const { recovery_s, after_s } = this.#own;
    const loadEnds = this.#course.loadBegan + plannedSeconds(this.#options.experiment) * 1000;
    const until = Math.min(undoneFrom + recovery_s * 1000, loadEnds - after_s * 1000);
    this.#course.plan(until);
    while (Date.now() < until) {
      await this.#course.until(Math.min(until, Date.now() + 250));
      const now = Date.now();
      const window = { fromMs: now - RECOVERY_WINDOW_MS, toMs: now };
      if (window.fromMs < undoneFrom || this.#recoveredS !== null) continue;
      if (this.#isSteady(window)) {
        this.#recoveredS = round((window.fromMs - undoneFrom) / 1000, 1);
        // Calls need not go on; k6's load is planned to the end.
        if (!('rates' in this.#own.load)) break;
      }
    }
    this.#after = await this.#course.wait('after', this.#own.after_s, 'does it stay?');
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
    await this.#course.enter(
      'joining',
      'has every failing response its trace, its lines and its count?',
    );
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
    this.#course.throwIfAborted();
    this.#statements.push(...joinStatements(joined, this.#own.join, loadScale(places)));
  }

  async #verifyUndo(): Promise<void> {
    // Until something was injected, the journal may be another run's.
    if (this.#injector.injections.length === 0) return;
    const nothingLeft = await this.#injector.nothingLeft(this.#options.experiment.method);
    this.#undoVerified &&= nothingLeft;
    if (this.#undoVerified) this.#undoJournal.clear();
  }

  #state(during: Statement['during'], span: Span, probes: readonly Probe[]): void {
    const evidence = this.#evidence(span);
    this.#statements.push(...probes.map((probe) => judge(probe, during, evidence)));
  }

  #evidence(span: Span): Evidence {
    return { answers: this.#answers, watch: this.#watch, baseline: this.#baseline, span };
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
      timeline: this.#course.timeline,
      phases: this.#course.phases,
    };
  }
}

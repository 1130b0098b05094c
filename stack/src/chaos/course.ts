import type { Phase, TimelineSample } from '@breakwater/console/experiments';
import { sleep } from '../verify/sleep.ts';
import { type Answer, round, type Span, sampleOf, within } from './answers.ts';
import { Ended } from './ended.ts';
import type { ProgressReport } from './progress.ts';
import type { Watch } from './watch.ts';

const SAMPLE_EVERY_MS = 1_000;
const TURN_MS = 200;

/** What is looked at each second. */
export interface Seen {
  readonly answers: readonly Answer[];
  /** Names of the faults that are active. */
  readonly faults: readonly string[];
}

/** A run in time: its phases, how long each goes on, and one sample a second. */
export class Course {
  readonly phases: { phase: Phase; t: number }[] = [];
  readonly timeline: TimelineSample[] = [];
  readonly #progress: ProgressReport;
  readonly #watch: Watch;
  readonly #signal: AbortSignal;
  readonly #seen: () => Seen;
  #phase: Phase = 'checking';
  #endsAt = 0;
  #loadBegan = 0;
  #sampling: NodeJS.Timeout | undefined;

  constructor(progress: ProgressReport, watch: Watch, signal: AbortSignal, seen: () => Seen) {
    this.#progress = progress;
    this.#watch = watch;
    this.#signal = signal;
    this.#seen = seen;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** When the load began, milliseconds since the epoch; 0 before it has. */
  get loadBegan(): number {
    return this.#loadBegan;
  }

  /** The load has begun: from now on there is a sample each second. */
  begin(): void {
    this.#loadBegan = Date.now();
    this.#sampling = setInterval(() => void this.#sample(), SAMPLE_EVERY_MS);
  }

  end(): void {
    clearInterval(this.#sampling);
  }

  /** Tells a step, and begins its phase when it is another one. */
  async enter(phase: Phase, step: string): Promise<void> {
    if (this.#phase !== phase || this.phases.length === 0) {
      const t = this.#loadBegan ? round((Date.now() - this.#loadBegan) / 1000, 1) : 0;
      this.phases.push({ phase, t });
    }
    this.#phase = phase;
    await this.#progress.step(phase, step);
  }

  /** Says until when the phase is planned, in milliseconds since the epoch. */
  plan(endsAt: number): void {
    this.#endsAt = endsAt;
  }

  /** A phase of so many seconds. */
  async wait(phase: Phase, seconds: number, step: string): Promise<Span> {
    const fromMs = Date.now();
    this.plan(fromMs + seconds * 1000);
    await this.enter(phase, step);
    await this.until(this.#endsAt);
    return { fromMs, toMs: Date.now() };
  }

  /** @throws {Ended} when somebody stops the run */
  async until(atMs: number): Promise<void> {
    while (Date.now() < atMs) {
      this.throwIfAborted();
      await sleep(Math.min(TURN_MS, Math.max(0, atMs - Date.now())));
    }
    this.throwIfAborted();
  }

  /** @throws {Ended} when somebody stops the run */
  throwIfAborted(): void {
    if (this.#signal.aborted) throw new Ended('aborted', 'somebody stopped it');
  }

  async #sample(): Promise<void> {
    if (this.#phase === 'joining' || this.#phase === 'done') return;
    await this.#watch.look();
    const toMs = Date.now();
    const { answers, faults } = this.#seen();
    const sample = sampleOf(within(answers, { fromMs: toMs - 1000, toMs }), {
      t: round((toMs - this.#loadBegan) / 1000, 1),
      phase: this.#phase,
      breakers: { ...this.#watch.breakers },
      faults,
    });
    this.timeline.push(sample);
    this.#progress.sample(sample, Math.max(0, Math.round((this.#endsAt - toMs) / 1000)));
  }
}

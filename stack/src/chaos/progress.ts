import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase, Progress, TimelineSample } from '@breakwater/console/experiments';
import type { Annotations } from './annotate.ts';

/** Seconds between two lines of figures on the terminal. */
const TERMINAL_EVERY_S = 5;

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

/** Tells how a run goes: on the terminal, in `progress.ndjson`, and where dashboards show it. */
export class ProgressReport {
  readonly #file: string;
  readonly #experiment: string;
  readonly #testid: string;
  readonly #annotations: Annotations;
  readonly #say: (sentence: string) => void;
  #samples = 0;

  constructor(
    folder: string,
    run: { readonly experiment: string; readonly testid: string },
    annotations: Annotations,
    say: (sentence: string) => void,
  ) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'progress.ndjson');
    this.#experiment = run.experiment;
    this.#testid = run.testid;
    this.#annotations = annotations;
    this.#say = say;
  }

  started(title: string): void {
    const run = { testid: this.#testid, experiment: this.#experiment, title };
    this.#write({ type: 'started', ...run, pid: process.pid });
    this.#say(`${this.#experiment}: ${title}`);
  }

  async step(phase: Phase, step: string): Promise<void> {
    this.#write({ type: 'step', phase, step });
    this.#say(`  ${phase}: ${step}`);
    const fields = { experiment: this.#experiment, testid: this.#testid };
    await this.#annotations.step({ ...fields, phase, step });
  }

  sample(sample: TimelineSample, leftS: number): void {
    this.#write({ type: 'sample', ...sample, left_s: leftS });
    if (this.#samples++ % TERMINAL_EVERY_S !== 0) return;
    const open = Object.entries(sample.breakers).map(([name, state]) => `${name} ${state}`);
    this.#say(
      `  ${sample.phase}, ${leftS} s left: ${sample.rate}/s, ` +
        `${(sample.error_rate * 100).toFixed(0)} % failed, p99 ${sample.p99_ms} ms` +
        `${open.length > 0 ? `, ${open.join(', ')}` : ''}`,
    );
  }

  verdict(end: Omit<Extract<Progress, { type: 'verdict' }>, 'type' | 'at'>): void {
    this.#write({ type: 'verdict', ...end });
  }

  #write(line: Unstamped<Progress>): void {
    appendFileSync(this.#file, `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
  }
}

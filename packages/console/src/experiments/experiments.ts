/**
 * Runs experiments through the command that knows them.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { NotFoundError } from '@breakwater/errors';
import {
  ExperimentRunningError,
  ExperimentsUnavailableError,
  NoExperimentRunningError,
} from '../errors.ts';
import type { ListedExperiment, ListedFault } from './journal.ts';
import { LastKnown } from './last-known.ts';
import { Reports } from './reports.ts';

/** What clearing did. */
export interface Cleared {
  readonly ended: readonly string[];
  readonly left: readonly string[];
}

/** The run this process has started last. */
export interface Started {
  readonly name: string;
  readonly pid: number;
  /** Whether its process lives. */
  readonly running: boolean;
  /** The last thing it said on the terminal. */
  readonly said: string;
}

export interface ExperimentsOptions {
  /** Program and arguments, to which a name or a word is added; empty where there is none. */
  readonly command: readonly string[];
  /** Folder of the reports. */
  readonly directory: string;
}

/** How long a list of experiments, and one of faults, is good for, in milliseconds. */
const LIST_MS = 60_000;
const FAULTS_MS = 8_000;
/** The commands that only tell something; a busy machine takes seconds to start one. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 1024 * 1024;

/** One at a time; it is told to stop, so that it undoes its faults, when the console stops. */
export class Experiments {
  readonly reports: Reports;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #started: Omit<Started, 'running'> | undefined;
  /** Whether the run has begun its report, and hears signals. */
  #begun = false;
  #stopWanted = false;
  readonly #list = new LastKnown(LIST_MS, () => this.#ask<ListedExperiment[]>('list'));
  readonly #faults = new LastKnown(FAULTS_MS, () => this.#ask<ListedFault[]>('faults'));

  constructor({ command, directory }: ExperimentsOptions) {
    this.#command = command;
    this.reports = new Reports(directory);
  }

  /** Whether experiments can run here. */
  get available(): boolean {
    return this.#command.length > 0;
  }

  /** The run that was started last; undefined before the first. */
  get started(): Started | undefined {
    return this.#started && { ...this.#started, running: this.#child !== undefined };
  }

  /** What can be run; undefined until the command has told. */
  get list(): LastKnown<ListedExperiment[]> {
    return this.#list;
  }

  /** Faults that are active, whoever made them; undefined until the command has told. */
  get faults(): LastKnown<ListedFault[]> {
    return this.#faults;
  }

  /**
   * Starts one.
   *
   * @throws {ExperimentsUnavailableError}
   * @throws {ExperimentRunningError}
   * @throws {NotFoundError} when there is no such experiment
   */
  async start(name: string): Promise<Started> {
    if (!this.available) throw new ExperimentsUnavailableError();
    const known = this.#list.look() ?? (await this.#list.refresh());
    if (!known.some((each) => each.name === name)) throw new NotFoundError('experiment', name);
    if (this.#child && this.#started) throw new ExperimentRunningError(this.#started.name);
    const child = this.#spawn([name, '--json']);
    this.#child = child;
    this.#started = { name, pid: child.pid ?? 0, said: 'starting' };
    this.#begun = false;
    this.#stopWanted = false;
    this.#faults.expire();
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const said = text.trimEnd().split('\n').at(-1)?.trim();
      if (said && this.#started) this.#started = { ...this.#started, said: said.slice(0, 500) };
      this.#begun = true;
      if (this.#stopWanted) child.kill('SIGINT');
      this.#stopWanted = false;
    });
    const end = (said?: string) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#faults.expire();
      if (said && this.#started) this.#started = { ...this.#started, said };
    };
    child.once('error', (error) => end(error.message)).once('close', () => end());
    return { ...this.#started, running: true };
  }

  /**
   * Asks the running one to end: it undoes its faults first.
   *
   * One that is still starting is asked as soon as it hears: it would die without a report.
   *
   * @throws {NoExperimentRunningError}
   */
  stop(): void {
    if (!this.#child) throw new NoExperimentRunningError();
    if (this.#begun) this.#child.kill('SIGINT');
    else this.#stopWanted = true;
  }

  /** Ends every active fault. @throws {ExperimentsUnavailableError} */
  async clear(): Promise<Cleared> {
    if (!this.available) throw new ExperimentsUnavailableError();
    const cleared = await this.#ask<Cleared>('undo', [0, 1]);
    this.#faults.expire();
    return cleared;
  }

  /** Tells the running one to stop, and waits until it has undone its faults. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    await closed;
  }

  #spawn(words: readonly string[]): ChildProcess {
    const [program = '', ...first] = this.#command;
    const path = program === 'node' ? process.execPath : program;
    return spawn(path, [...first, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #ask<T>(word: string, exitCodes: readonly number[] = [0]): Promise<T> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn([word, '--json']);
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
      let [stdout, stderr] = ['', ''];
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout = (stdout + text).slice(0, MAX_OUTPUT);
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr = (stderr + text).slice(-1_000);
      });
      child.once('error', reject).once('close', (code) => {
        clearTimeout(timer);
        if (code === null || !exitCodes.includes(code)) {
          reject(new Error(stderr.trim() || `${word} ended with ${code}`));
          return;
        }
        try {
          resolve(JSON.parse(stdout) as T);
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

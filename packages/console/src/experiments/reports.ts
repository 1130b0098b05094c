/**
 * The folder where runs leave their progress, journal and report: one folder a run.
 *
 * @module
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from './journal.ts';
import { parseProgress, type Run, tellRun } from './run.ts';

/** Runs that are listed; older ones stay in their folder. */
const LISTED = 30;
const TESTID = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Reads the runs of a folder. */
export class Reports {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The newest runs, newest first. */
  async list(): Promise<Run[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const dated = await Promise.all(
      names
        .filter((name) => TESTID.test(name))
        .map(async (name) => {
          const { mtimeMs } = await stat(join(this.#directory, name)).catch(() => ({ mtimeMs: 0 }));
          return { name, mtimeMs };
        }),
    );
    const newest = dated.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, LISTED);
    const runs = await Promise.all(newest.map(({ name }) => this.read(name)));
    return runs
      .filter((run) => run !== undefined)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** One run; undefined when there is none of this id. */
  async read(testid: string): Promise<Run | undefined> {
    const [progress, journal] = await Promise.all([
      this.#file(testid, 'progress.ndjson'),
      this.#file(testid, 'journal.json'),
    ]);
    return tellRun(testid, parseProgress(progress ?? ''), parseJournal(journal));
  }

  /** The page that the run wrote; undefined when there is none. */
  page(testid: string): Promise<string | undefined> {
    return this.#file(testid, 'report.html');
  }

  async #file(testid: string, name: string): Promise<string | undefined> {
    if (!TESTID.test(testid)) return undefined;
    return readFile(join(this.#directory, testid, name), 'utf8').catch(() => undefined);
  }
}

/** A journal that is being written is none yet. */
function parseJournal(text: string | undefined): Journal | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Journal);
  } catch {
    return undefined;
  }
}

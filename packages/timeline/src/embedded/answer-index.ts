/**
 * The newest answers of all services, followed as their lines are written.
 *
 * @module
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answeredRequest, parseLogLine } from '../log-line.ts';
import type { AnsweredRequest, Bound } from '../model.ts';
import { RPC_FIELDS } from '../names.ts';
import type { AnswerQuery, Findings } from '../sources.ts';
import { KeptAnswers, type KeptAnswersOptions } from './kept-answers.ts';
import { codeOf, folderProblem, readLines } from './log-files.ts';

export interface AnswerIndexOptions extends KeptAnswersOptions {
  /** What is read of a file that is there already, from its end, in bytes. Default: 1 MiB. */
  readonly startBytes?: number;
}

/** How far a file was read. */
interface Followed {
  readonly inode: number;
  offset: number;
}

/** A file that is being written; rotated ones have a number before `.log`. */
const CURRENT = /^(?!.*\.\d+\.log$).*\.log$/;
/** Every line about a request over HTTP, or a call over gRPC, has one of them. */
const MARKS = ['"http.response.status_code"', `"${RPC_FIELDS.status}"`];

/** Reads what was appended since the last look; each look costs as much as was written. */
export class AnswerIndex {
  readonly #directory: string;
  readonly #startBytes: number;
  readonly #files = new Map<string, Followed>();
  readonly #answers: KeptAnswers;
  /** What stands in a file before this was not read; Unix time, in milliseconds. */
  #readSinceMs = 0;
  readonly #problems = new Map<string, string>();
  #looking: Promise<void> | undefined;

  constructor(directory: string, options: AnswerIndexOptions = {}) {
    this.#directory = directory;
    this.#answers = new KeptAnswers(options);
    this.#startBytes = options.startBytes ?? 1024 * 1024;
  }

  /** See {@link LiveSources.answers}. */
  async answers(query: AnswerQuery): Promise<Findings<AnsweredRequest>> {
    await this.look();
    const { found, completeSinceMs } = this.#answers.find(query);
    const problems = [...this.#problems.values()];
    const sinceMs = Math.max(this.#readSinceMs, completeSinceMs);
    if (found.length < query.limit && query.range.fromMs < sinceMs) {
      const since = new Date(sinceMs).toISOString();
      problems.push(`What was answered before ${since} is in the log files only.`);
    }
    return problems.length === 0 ? { found } : { found, incomplete: problems.join(' ') };
  }

  /** Reads what is new; joins the look that is under way. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  bounds(): Bound[] {
    const atLimit = 'The oldest go, failed and others apart; their lines stay in the files.';
    return [this.#answers.bound('answers to search', atLimit)];
  }

  async #lookAtAll(): Promise<void> {
    this.#problems.clear();
    const names = await readdir(this.#directory).catch((error: unknown) => {
      this.#problems.set(this.#directory, folderProblem(this.#directory, error));
      return [];
    });
    for (const name of names.filter((each) => CURRENT.test(each))) {
      await this.#lookAt(join(this.#directory, name));
    }
  }

  async #lookAt(path: string): Promise<void> {
    const file = await open(path).catch((error: unknown) => {
      // One that is not there any more is being rotated.
      if (codeOf(error) === 'ENOENT') return undefined;
      this.#problems.set(path, `${path} cannot be read (${codeOf(error)}).`);
      return undefined;
    });
    if (!file) return;
    try {
      const { ino, size } = await file.stat();
      const known = this.#files.get(path);
      if (known?.inode === ino) {
        await this.#read(file, known, size);
        return;
      }
      if (known) await this.#readRotated(path, known);
      const offset = known ? 0 : Math.max(0, size - this.#startBytes);
      const followed = { inode: ino, offset };
      this.#files.set(path, followed);
      const oldestMs = await this.#read(file, followed, size);
      if (offset > 0) this.#readSinceMs = Math.max(this.#readSinceMs, oldestMs ?? Date.now());
    } finally {
      await file.close();
    }
  }

  /** What was written between the last look and the rotation. */
  async #readRotated(path: string, known: Followed): Promise<void> {
    const file = await open(path.replace(/\.log$/, '.1.log')).catch(() => undefined);
    if (!file) return;
    try {
      const { ino, size } = await file.stat();
      if (ino === known.inode) await this.#read(file, known, size);
    } finally {
      await file.close();
    }
  }

  /** @returns the time of the first answer that was read */
  async #read(file: FileHandle, followed: Followed, size: number): Promise<number | undefined> {
    let firstMs: number | undefined;
    for await (const line of readLines(file, followed.offset, size)) {
      followed.offset += line.length + 1;
      if (!MARKS.some((mark) => line.includes(mark))) continue;
      const parsed = parseLogLine(line.toString());
      const answer = parsed && answeredRequest(parsed);
      if (!answer) continue;
      firstMs ??= answer.timeMs;
      this.#answers.add(answer);
    }
    return firstMs;
  }
}

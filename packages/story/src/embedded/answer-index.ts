/**
 * The newest answers of all services, followed as their lines are written.
 *
 * @module
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answeredRequest, parseLogLine } from '../log-line.ts';
import type { AnsweredRequest, Bound } from '../model.ts';
import type { AnswerQuery } from '../sources.ts';
import { readLines } from './log-files.ts';

export interface AnswerIndexOptions {
  /** Failed answers that are kept, and as many others. Default: 2,000. */
  readonly maxAnswers?: number;
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
/** Every line about a request has it. */
const MARK = '"http.response.status_code"';

/** Reads what was appended since the last look; each look costs as much as was written. */
export class AnswerIndex {
  readonly #directory: string;
  readonly #maxAnswers: number;
  readonly #startBytes: number;
  readonly #files = new Map<string, Followed>();
  readonly #failed: AnsweredRequest[] = [];
  readonly #fine: AnsweredRequest[] = [];
  #evicted = 0;
  #looking: Promise<void> | undefined;

  constructor(directory: string, options: AnswerIndexOptions = {}) {
    this.#directory = directory;
    this.#maxAnswers = options.maxAnswers ?? 2_000;
    this.#startBytes = options.startBytes ?? 1024 * 1024;
  }

  /** See {@link LiveSources.answers}. */
  async answers(query: AnswerQuery): Promise<AnsweredRequest[]> {
    await this.look();
    const searched = query.failedOnly ? this.#failed : [...this.#failed, ...this.#fine];
    return searched
      .filter((answer) => matches(answer, query))
      .sort((a, b) => b.timeMs - a.timeMs)
      .slice(0, query.limit);
  }

  /** Reads what is new; joins the look that is under way. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  bounds(): Bound[] {
    return [
      {
        name: 'answers to search',
        used: this.#failed.length + this.#fine.length,
        limit: 2 * this.#maxAnswers,
        unit: 'count',
        atLimit: 'The oldest go, failed and others apart; their lines stay in the files.',
        dropped: this.#evicted,
      },
    ];
  }

  async #lookAtAll(): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names.filter((each) => CURRENT.test(each))) {
      await this.#lookAt(join(this.#directory, name));
    }
  }

  async #lookAt(path: string): Promise<void> {
    const file = await open(path).catch(() => undefined);
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
      await this.#read(file, followed, size);
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

  async #read(file: FileHandle, followed: Followed, size: number): Promise<void> {
    for await (const line of readLines(file, followed.offset, size)) {
      followed.offset += line.length + 1;
      if (!line.includes(MARK)) continue;
      const parsed = parseLogLine(line.toString());
      const answer = parsed && answeredRequest(parsed);
      if (answer) this.#keep(answer);
    }
  }

  #keep(answer: AnsweredRequest): void {
    const kept = answer.errorCode === undefined ? this.#fine : this.#failed;
    kept.push(answer);
    // In heaps, since each shift moves all that is left.
    if (kept.length <= this.#maxAnswers * 1.2) return;
    const surplus = kept.length - this.#maxAnswers;
    kept.splice(0, surplus);
    this.#evicted += surplus;
  }
}

function matches(answer: AnsweredRequest, query: AnswerQuery): boolean {
  const { range } = query;
  const same = <K extends 'traceId' | 'requestId' | 'errorCode' | 'route' | 'service'>(key: K) =>
    query[key] === undefined || query[key] === answer[key];
  return (
    answer.timeMs >= range.fromMs &&
    answer.timeMs <= range.toMs &&
    same('traceId') &&
    same('requestId') &&
    same('errorCode') &&
    same('route') &&
    same('service')
  );
}

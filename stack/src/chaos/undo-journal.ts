import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackError } from '../errors.ts';
import { identify, isAlive, type ProcessIdentity } from '../process-identity.ts';

/** What a run is about to inject, written down before it does. */
interface Record {
  readonly testId: string;
  readonly runner: ProcessIdentity;
  /** Who is asked for a fault, and which, in words. */
  readonly injections: { readonly holder: string; readonly fault: string }[];
}

/**
 * The faults of a run on disk, from before the first is injected until all are seen to be gone. What
 * a run that was killed has left is found here by the next one.
 */
export class UndoJournal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The faults that a run which is gone has left a record of.
   *
   * @throws StackError when that run is still there.
   */
  leftBehind(): { readonly testId: string; readonly faults: readonly string[] } | undefined {
    const record = this.#read();
    if (!record) return undefined;
    if (record.runner.pid !== process.pid && isAlive(record.runner)) {
      throw new StackError(
        `An experiment is running already: ${record.testId}, process ${record.runner.pid}. ` +
          'Wait for it, or end it with Ctrl-C.',
      );
    }
    const faults = record.injections.map(({ holder, fault }) => `${holder}: ${fault}`);
    return { testId: record.testId, faults };
  }

  /** Writes down that a fault is about to be injected. */
  note(testId: string, holder: string, fault: string): void {
    const before = this.#read();
    const injections = before?.testId === testId ? before.injections : [];
    this.#write({
      testId,
      runner: identify(process.pid) as ProcessIdentity,
      injections: [...injections, { holder, fault }],
    });
  }

  /** Forgets everything: no fault of the record is there any more. */
  clear(): void {
    rmSync(this.#path, { force: true });
  }

  #read(): Record | undefined {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as Record;
    } catch {
      return undefined;
    }
  }

  #write(record: Record): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.next`, JSON.stringify(record), { flush: true });
    renameSync(`${this.#path}.next`, this.#path);
  }
}

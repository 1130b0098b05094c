import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** What a process of the stack is doing. */
export type Status = 'waiting' | 'starting' | 'ready' | 'restarting' | 'stopped';

/** One process as another command needs to know it. */
export interface ProcessState {
  readonly name: string;
  /** One of our own services, rather than a backend. */
  readonly isService: boolean;
  readonly status: Status;
  /** Absent while it does not run. */
  readonly process?: ProcessIdentity;
  readonly ports: readonly number[];
  /** Address that answers 2xx while the process is healthy. */
  readonly ready?: string;
  readonly log: string;
}

/** An entry that is not run, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
  /** Whether `npm run stack:install` would change that. */
  readonly installable: boolean;
}

/** Where telemetry is kept: in backends of their own, or by the console and the services themselves. */
export type Backends = 'native' | 'embedded';

/** Everything a later command needs to find, judge or end this run. */
export interface StackState {
  readonly supervisor: ProcessIdentity;
  readonly phase: 'starting' | 'ready' | 'stopping';
  readonly backends: Backends;
  readonly processes: readonly ProcessState[];
  readonly skipped: readonly Skipped[];
  /** Where the ports are: the values of the variables that move them. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The record of the running stack, `.stack/state.json`.
 *
 * It exists from before the first process is started until after the last one has ended, so that
 * whatever happens to the supervisor, a later command can clean up after it.
 */
export class StateFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The recorded state; `undefined` when there is none or it cannot be read. */
  read(): StackState | undefined {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as StackState;
    } catch {
      return undefined;
    }
  }

  /**
   * Claims the file for a new run.
   *
   * @returns false when a record exists already, also when two claim at the same moment
   */
  claim(state: StackState): boolean {
    mkdirSync(dirname(this.path), { recursive: true });
    try {
      const file = openSync(this.path, 'wx', 0o600);
      writeFileSync(file, JSON.stringify(state));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Replaces the record in one step: a reader sees the old one or the new one. */
  write(state: StackState): void {
    const next = `${this.path}.next`;
    writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
    renameSync(next, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/** The recorded processes that still run, whoever recorded them. */
export function livingProcesses(state: StackState): ProcessState[] {
  return state.processes.filter(({ process }) => process && isAlive(process));
}

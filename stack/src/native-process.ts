import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './errors.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';

/** What to run. */
export interface ProcessCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A started process that leads a process group of its own. */
export class NativeProcess {
  readonly identity: ProcessIdentity;
  /** Settles, once, with the words for how it ended: "exit code 1", "SIGKILL". */
  readonly exited: Promise<string>;
  #running = true;

  private constructor(identity: ProcessIdentity, exited: Promise<string>) {
    this.identity = identity;
    this.exited = exited;
    exited.then(() => {
      this.#running = false;
    });
  }

  /**
   * Starts a process, its output appended to `log`.
   *
   * The process writes to the file itself, so it neither blocks nor dies when this one does.
   *
   * @throws StackError when the program cannot be run at all.
   */
  static async start(what: ProcessCommand, log: string): Promise<NativeProcess> {
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, 'a');
    const { uid, gid } = what;
    const child = spawn(what.command, what.args, {
      cwd: what.cwd,
      env: what.environment,
      // A group of its own: Ctrl-C in the terminal reaches the supervisor only, which stops the
      // processes in their order, and a signal to the group reaches a process's own children.
      detached: true,
      stdio: ['ignore', output, output],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    closeSync(output);
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => {
        // What the leader leaves behind in its group ends with it.
        if (child.pid) killGroup(child.pid, 'SIGKILL');
        resolve(signal ?? `exit code ${code}`);
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        reject(new StackError(`${what.command} cannot be run: ${error.message}`));
      });
    });
    const pid = child.pid as number;
    return new NativeProcess(identify(pid) ?? { pid, startedAt: 'ended' }, exited);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Sends a signal to the process and everything it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running) killGroup(this.identity.pid, signal);
  }

  /** Asks it to end with `signal`, and kills it when it has not after `graceMs`. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    if (!this.#running) return;
    this.signal(signal);
    // A frozen process would hear of it only when it is let go.
    this.signal('SIGCONT');
    const waiting = new AbortController();
    const timer = delay(graceMs, undefined, { signal: waiting.signal }).then(
      () => this.signal('SIGKILL'),
      () => undefined,
    );
    await this.exited;
    waiting.abort();
    await timer;
  }
}

/** The last lines of a log; as many as a stack trace of Node.js has. */
export function lastLines(log: string, count = 15): string {
  let text = '';
  try {
    text = readFileSync(log, 'utf8');
  } catch {
    return '';
  }
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended already, which is what we want.
  }
}

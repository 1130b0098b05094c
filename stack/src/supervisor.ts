import { availableParallelism } from 'node:os';
import { capLogs } from './cap-logs.ts';
import { dependencyOrder } from './dependency-order.ts';
import { StackError } from './errors.ts';
import { ManagedProcess } from './managed-process.ts';
import type { NativePlan } from './native-plan.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import type { StackPaths } from './stack-paths.ts';
import { StartSlots } from './start-slots.ts';
import type { StackState, StateFile } from './state-file.ts';

const CAP_LOGS_EVERY_MS = 10_000;
/**
 * A service that starts takes a processor for itself: started all at once they would all be ready
 * last.
 */
const SERVICES_AT_ONCE = Math.max(2, availableParallelism());
/** One that takes longer does not keep others from starting, in milliseconds. */
const SLOT_MS = 10_000;

/** Told of what happens, one sentence each. */
export type Report = (sentence: string) => void;

/** Runs all processes of a plan, from the first start to the last end. */
export class Supervisor {
  readonly #processes: readonly ManagedProcess[];
  readonly #plan: NativePlan;
  readonly #file: StateFile;
  readonly #report: Report;
  #phase: StackState['phase'] = 'starting';
  #failStart: (error: Error) => void = () => undefined;
  readonly #slots = new StartSlots(SERVICES_AT_ONCE);
  #recorded = false;
  #stopping: Promise<void> | undefined;

  constructor(plan: NativePlan, paths: StackPaths, file: StateFile, report: Report) {
    this.#plan = plan;
    this.#file = file;
    this.#report = report;
    const events = {
      changed: () => this.#write(),
      ready: (name: string, ms: number) => {
        this.#report(`${name} is ready after ${(ms / 1000).toFixed(1)} s`);
      },
      ended: (failure: StackError, next: string) => {
        if (this.#phase === 'starting') this.#failStart(failure);
        else if (this.#phase === 'ready') this.#report(`${failure.message}\n${next}`);
      },
    };
    this.#processes = dependencyOrder(
      plan.entries.map((native) => ({
        name: native.entry.name,
        dependsOn: native.entry.dependsOn,
        native,
      })),
    ).map(({ name, native }) => new ManagedProcess(native, paths.log(name), events));
  }

  /** The state as it is recorded. */
  get state(): StackState {
    return {
      supervisor: identify(process.pid) as ProcessIdentity,
      phase: this.#phase,
      backends: this.#plan.backends,
      processes: this.#processes.map(({ state }) => state),
      skipped: this.#plan.skipped,
      variables: Object.fromEntries(
        this.#plan.entries.flatMap(({ entry }) =>
          entry.ports.flatMap(({ variable, port }) => (variable ? [[variable, `${port}`]] : [])),
        ),
      ),
    };
  }

  /** Records this run as the one. @returns false when another one is recorded. */
  claim(): boolean {
    this.#recorded = this.#file.claim(this.state);
    return this.#recorded;
  }

  /**
   * Starts everything, each process as soon as what it depends on is there.
   *
   * @throws StackError naming the process that failed, after all others have been stopped.
   */
  async start(): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#failStart = reject;
    });
    failed.catch(() => undefined);
    const started = new Map<string, Promise<{ ready: Promise<void> }>>();
    for (const process of this.#processes) {
      const launch = this.#launch(process, started);
      launch.catch(this.#failStart);
      started.set(process.name, launch);
    }
    const all = Promise.all([...started.values()].map(async (launch) => (await launch).ready));
    try {
      await Promise.race([all, failed]);
    } catch (error) {
      all.catch(() => undefined);
      await this.stop();
      throw error;
    }
    this.#phase = 'ready';
    this.#write();
    const logs = this.#processes.map(({ log }) => log);
    setInterval(() => capLogs(logs), CAP_LOGS_EVERY_MS).unref();
  }

  /** Ends everything, each process after those that depend on it; then the record goes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** SIGKILL to everything, now; for an exit that cannot wait. */
  killAll(): void {
    this.#phase = 'stopping';
    for (const process of this.#processes) process.killForGood();
  }

  /** Ends one process until it is started again. @throws StackError for an unknown name. */
  async stopProcess(name: string): Promise<void> {
    await this.#find(name).stop();
  }

  /** Ends one process as a crash would. @throws StackError for an unknown name. */
  async killProcess(name: string): Promise<void> {
    await this.#find(name).kill();
  }

  /** Stops one process, when it runs, and starts it. @throws StackError when it does not come up. */
  async restartProcess(name: string): Promise<void> {
    const process = this.#find(name);
    if (this.#stopping) throw new StackError('The stack is being stopped.');
    await process.stop();
    const { ready } = await process.start();
    await ready;
  }

  /** Freezes one process, SIGSTOP. @throws StackError for an unknown name, or when it does not run. */
  async pauseProcess(name: string): Promise<void> {
    this.#find(name).pause();
  }

  /** Lets a frozen process go on; nothing when it is not frozen. @throws StackError for an unknown name. */
  async resumeProcess(name: string): Promise<void> {
    this.#find(name).resume();
  }

  /** Waits until one process is ready, also one that is being started again. @throws StackError */
  async untilReady(name: string): Promise<void> {
    await this.#find(name).untilReady();
  }

  async #launch(
    process: ManagedProcess,
    started: ReadonlyMap<string, Promise<{ ready: Promise<void> }>>,
  ): Promise<{ ready: Promise<void> }> {
    const { dependsOn, isService } = process.native.entry;
    const giveBack = isService ? await this.#slots.take() : () => undefined;
    for (const [name, condition] of Object.entries(dependsOn)) {
      const dependency = await started.get(name);
      if (condition === 'ready') await dependency?.ready;
    }
    if (this.#stopping) throw new StackError(`${process.name} was not started`);
    const starting = await process.start();
    starting.ready.then(giveBack, giveBack);
    setTimeout(giveBack, SLOT_MS).unref();
    return starting;
  }

  async #stopAll(): Promise<void> {
    this.#phase = 'stopping';
    this.#failStart(new StackError('It was stopped before it was ready.'));
    const ends = new Map<string, Promise<void>>();
    for (const process of [...this.#processes].reverse()) {
      const dependents = this.#processes.filter(
        ({ native, name }) => process.name in native.entry.dependsOn && ends.has(name),
      );
      const stop = async () => {
        await Promise.all(dependents.map(({ name }) => ends.get(name)));
        await process.stop();
      };
      ends.set(process.name, stop());
    }
    await Promise.all(ends.values());
    this.#recorded = false;
    this.#file.remove();
  }

  #find(name: string): ManagedProcess {
    const found = this.#processes.find((process) => process.name === name);
    if (found) return found;
    const known = this.#processes.map((process) => process.name).join(', ');
    throw new StackError(`No process is called "${name}". There are: ${known}.`);
  }

  #write(): void {
    if (this.#recorded) this.#file.write(this.state);
  }
}

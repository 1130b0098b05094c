import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './errors.ts';
import { readableLine } from './follow-log.ts';
import type { NativeEntry } from './native-plan.ts';
import { lastLines, NativeProcess } from './native-process.ts';
import { waitUntilReady } from './readiness.ts';
import type { ProcessState, Status } from './state-file.ts';

/** Longest time from start to ready. Alone none takes longer than a few seconds; all at once, on a busy machine, many times that. */
const READY_TIMEOUT_MS = 90_000;
/** How often a process that is waited for is looked at. */
const LOOK_EVERY_MS = 50;
/** First pause before a process that ended by itself is started again; it doubles, up to a minute. */
const RESTART_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;
/** A process that ran this long starts with the first pause again. */
const STABLE_MS = 10_000;

/** What the owner of a managed process is told. */
export interface ProcessEvents {
  /** Its state differs from before: write it down. */
  changed(): void;
  /** It ended and nobody had asked for it; `next` says what happens now, unless somebody acts. */
  ended(failure: StackError, next: string): void;
  /** It is ready, `ms` after it was started. */
  ready(name: string, ms: number): void;
}

/** One entry of the list with the process that runs it now, if one does. */
export class ManagedProcess {
  readonly native: NativeEntry;
  readonly log: string;
  readonly #events: ProcessEvents;
  #status: Status = 'waiting';
  #process: NativeProcess | undefined;
  /** Aborted when the current start is no longer wanted, or has failed. */
  #start = new AbortController();
  #launching: Promise<unknown> | undefined;
  #pauseMs = RESTART_PAUSE_MS;

  constructor(native: NativeEntry, log: string, events: ProcessEvents) {
    this.native = native;
    this.log = log;
    this.#events = events;
  }

  get name(): string {
    return this.native.entry.name;
  }

  get state(): ProcessState {
    const { entry, ready } = this.native;
    return {
      name: this.name,
      isService: entry.isService,
      status: this.#status,
      ...(this.#process?.running ? { process: this.#process.identity } : {}),
      ports: entry.ports.map(({ port }) => port),
      ...(ready ? { ready } : {}),
      log: this.log,
    };
  }

  /**
   * Starts the process.
   *
   * @returns what settles when it is ready, and fails when it ends before that or takes too long
   * @throws StackError when it cannot be started at all.
   */
  async start(): Promise<{ ready: Promise<void> }> {
    this.#start = new AbortController();
    const launch = this.#launch(this.#start.signal);
    this.#launching = launch;
    return launch;
  }

  async #launch(signal: AbortSignal): Promise<{ ready: Promise<void> }> {
    this.#enter('starting');
    const command = await this.native.prepare();
    signal.throwIfAborted();
    const began = performance.now();
    const process = await NativeProcess.start(command, this.log);
    this.#process = process;
    this.#events.changed();
    process.exited.then((how) => this.#onExit(process, how, performance.now() - began));
    const ready = this.#untilReady(signal).then(() => {
      this.#enter('ready');
      this.#events.ready(this.name, performance.now() - began);
    });
    // Whoever waits hears of a failure; nobody has to.
    ready.catch(() => undefined);
    return { ready };
  }

  /** Ends the process for good; it is not started again. */
  async stop(): Promise<void> {
    this.#giveUp('was stopped');
    await this.#launching?.catch(() => undefined);
    const { stopSignal, stopGraceMs } = this.native.entry;
    await this.#process?.stop(stopSignal, stopGraceMs);
    this.#events.changed();
  }

  /** Ends the process as a crash would: with SIGKILL, and started again when its entry says so. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.exited;
  }

  /** Freezes the process: it keeps its connections and answers nothing. @throws StackError when it does not run. */
  pause(): void {
    if (!this.#process?.running) throw new StackError(`${this.name} does not run.`);
    this.#process.signal('SIGSTOP');
  }

  /** Lets a frozen process go on. */
  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  /**
   * Waits until it is ready, however often it is started meanwhile.
   *
   * @throws StackError when it has been stopped, or is not ready in time.
   */
  async untilReady(): Promise<void> {
    for (const end = performance.now() + READY_TIMEOUT_MS; this.#status !== 'ready'; ) {
      if (this.#status === 'stopped') throw new StackError(`${this.name} is stopped.`);
      if (performance.now() > end) throw new StackError(`${this.name} is not ready in time.`);
      await delay(LOOK_EVERY_MS);
    }
  }

  /** SIGKILL, and never again. */
  killForGood(): void {
    this.#giveUp('was killed');
    void this.kill();
  }

  #giveUp(why: string): void {
    this.#start.abort(new StackError(`${this.name} ${why}`));
    this.#enter('stopped');
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const { ready } = this.native;
    if (!ready) return;
    try {
      await waitUntilReady(ready, READY_TIMEOUT_MS, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw this.#failure((error as Error).message);
    }
  }

  #onExit(process: NativeProcess, how: string, ranMs: number): void {
    if (this.#status === 'stopped' || this.#process !== process) {
      this.#events.changed();
      return;
    }
    const failure = this.#failure(`ended with ${how}`);
    this.#start.abort(failure);
    if (!this.native.entry.restarts) {
      this.#enter('stopped');
      this.#events.ended(failure, 'It is not started again.');
      return;
    }
    if (ranMs > STABLE_MS) this.#pauseMs = RESTART_PAUSE_MS;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    this.#enter('restarting');
    void this.#restartAfter(pauseMs);
    this.#events.ended(failure, `It is started again in ${pauseMs / 1000} s.`);
  }

  async #restartAfter(pauseMs: number): Promise<void> {
    await delay(pauseMs, undefined, { ref: false });
    if (this.#status !== 'restarting') return;
    await this.start().catch((error: StackError) => {
      if (this.#status === 'stopped') return;
      this.#enter('stopped');
      this.#events.ended(error, 'It is not started again.');
    });
  }

  #enter(status: Status): void {
    this.#status = status;
    this.#events.changed();
  }

  #failure(what: string): StackError {
    const lines = lastLines(this.log).split('\n').map(readableLine).join('\n');
    const said = lines ? `Its last lines, from ${this.log}:\n${lines}` : `It wrote nothing.`;
    return new StackError(`${this.name} ${what}. ${said}`);
  }
}

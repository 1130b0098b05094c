/**
 * What the kernel, the database and the services say about themselves, several times a second.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { TestStack } from '../../stack/e2e/test-stack.ts';
import { readCpu } from '../load/cpu-account.ts';

/** How much of each there was between two samples, by name. */
export type Signals = Readonly<Record<string, number>>;

/** A stretch of the timeline, in milliseconds of `performance.now()`. */
export interface Slice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly signals: Signals;
}

/** Services whose event loop and garbage collection are asked for. */
const SERVICES = ['GATEWAY', 'ORDERS', 'CATALOG', 'PAYMENTS', 'UNSTABLE'];
const SECTOR_BYTES = 512;

/** Takes a slice every `everyMs` until it is stopped. */
export class Timeline {
  readonly slices: Slice[] = [];
  readonly #stack: TestStack;
  readonly #pids: Readonly<Record<string, number>>;
  readonly #database: pg.Client;
  #running = true;
  #done: Promise<void> = Promise.resolve();

  constructor(stack: TestStack, pids: Readonly<Record<string, number>>) {
    this.#stack = stack;
    this.#pids = pids;
    const port = stack.port('POSTGRES_PORT');
    const connectionString = `postgres://postgres:breakwater@127.0.0.1:${port}/postgres`;
    this.#database = new pg.Client({ connectionString });
  }

  async start(everyMs: number): Promise<void> {
    await this.#database.connect();
    this.#done = this.#run(everyMs);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    await this.#database.end();
  }

  async #run(everyMs: number): Promise<void> {
    let fromMs = performance.now();
    let before = await this.#read();
    while (this.#running) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      const after = await this.#read();
      const toMs = performance.now();
      const perS = 1_000 / (toMs - fromMs);
      const signals = Object.fromEntries(
        Object.entries(after).map(([name, value]) => [
          name,
          // The largest delay since it was last asked is no sum.
          name.startsWith('event loop') ? value : (value - (before[name] ?? 0)) * perS,
        ]),
      );
      this.slices.push({ fromMs, toMs, signals });
      [before, fromMs] = [after, toMs];
    }
  }

  async #read(): Promise<Record<string, number>> {
    const [database, ...services] = await Promise.all([
      this.#checkpoints(),
      ...SERVICES.map((name) => this.#service(name)),
    ]);
    const { processes, machine, stolen } = readCpu(this.#pids);
    const { user, system } = process.cpuUsage();
    const own = (user + system) / 1e6;
    const known = Object.values(processes).reduce((sum, s) => sum + s, own + stolen);
    const cpu = Object.entries(processes).map(([name, s]) => [`cpu of ${name}, cores`, s]);
    return Object.assign(
      {
        'cpu of all, cores': machine,
        'cpu the host took, cores': stolen,
        'cpu of this benchmark, cores': own,
        'cpu of everybody else, cores': machine - known,
      },
      Object.fromEntries(cpu),
      pressure(),
      disk(),
      database,
      ...services,
    );
  }

  async #checkpoints(): Promise<Signals> {
    const { rows } = await this.#database.query<{ buffers: number; wal: string }>(
      'select buffers_written as buffers, pg_current_wal_lsn() - $1::pg_lsn as wal from pg_stat_checkpointer',
      ['0/0'],
    );
    return {
      'checkpoint, buffers/s': Number(rows[0]?.buffers ?? 0),
      'WAL, MB/s': Number(rows[0]?.wal ?? 0) / 1e6,
    };
  }

  async #service(name: string): Promise<Signals> {
    const response = await fetch(`${this.#stack.url(`${name}_OPERATIONS_PORT`)}/metrics`);
    const page = await response.text();
    const sum = (series: RegExp) =>
      [...page.matchAll(series)].reduce((total, [, value]) => total + Number(value), 0);
    const service = name.toLowerCase();
    return {
      [`event loop of ${service}, ms`]: 1_000 * sum(/^nodejs_eventloop_lag_max_seconds (\S+)/gm),
      [`gc of ${service}, ms/s`]: 1_000 * sum(/^nodejs_gc_duration_seconds_sum\S* (\S+)/gm),
    };
  }
}

/** Milliseconds a second in which somebody waited for what there was too little of. */
function pressure(): Signals {
  const of = (resource: string, kind: 'some' | 'full') => {
    const text = readFileSync(`/proc/pressure/${resource}`, 'utf8');
    return Number(new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1_000;
  };
  return {
    'waited for a core, ms/s': of('cpu', 'some'),
    'waited for the disk, ms/s': of('io', 'some'),
    'all waited for the disk, ms/s': of('io', 'full'),
  };
}

/** Of all whole disks: proc(5) has the fields. */
function disk(): Signals {
  let [written, flushMs, flushes] = [0, 0, 0];
  for (const line of readFileSync('/proc/diskstats', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (!/^(vd[a-z]|sd[a-z]|nvme\d+n\d+|xvd[a-z])$/.test(fields[2] ?? '')) continue;
    written += (Number(fields[9]) * SECTOR_BYTES) / 1e6;
    flushes += Number(fields[18] ?? 0);
    flushMs += Number(fields[19] ?? 0);
  }
  return { 'disk written, MB/s': written, 'disk flushes/s': flushes, 'disk flush, ms/s': flushMs };
}

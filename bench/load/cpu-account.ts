/**
 * Who used the processors, by the kernel's own books.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Ticks a second of the times in `/proc`; Linux has had no other for decades. */
const TICKS = 100;

/** Seconds of CPU so far: of each process with its children, and of the machine. */
export interface CpuTimes {
  readonly processes: Readonly<Record<string, number>>;
  /** Of programs that this process has run and that have ended, such as k6. */
  readonly ended: number;
  readonly machine: number;
  /** What the host gave to other machines. */
  readonly stolen: number;
  readonly at: number;
}

/** @param pids by name */
export function readCpu(pids: Readonly<Record<string, number>>): CpuTimes {
  const children = childrenOf();
  const tree = (pid: number): number =>
    own(pid) + (children.get(pid) ?? []).reduce((sum, child) => sum + tree(child), 0);
  const processes = Object.entries(pids).map(([name, pid]) => [name, tree(pid)] as const);
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  // user, nice, system, then idle and iowait, then irq, softirq and what the host took.
  const spent = line.split(/\s+/).slice(1, 9).map(Number);
  const busy = spent.reduce((sum, ticks, i) => (i === 3 || i === 4 ? sum : sum + ticks), 0);
  return {
    processes: Object.fromEntries(processes),
    ended: sum(times('self').slice(2)),
    machine: busy / TICKS,
    stolen: (spent[7] ?? 0) / TICKS,
    at: performance.now() / 1_000,
  };
}

/** Names in the shares for what is no process of the stack. */
export const OTHERS = 'everybody else';
export const STOLEN = 'the host';

/**
 * Processors in use between two readings: of each process, of k6, of whoever else runs here, and
 * what the host gave to other machines while somebody here wanted it.
 */
export function cpuShares(before: CpuTimes, after: CpuTimes): Record<string, number> {
  const seconds = after.at - before.at;
  const shares: Record<string, number> = {};
  for (const [name, until] of Object.entries(after.processes)) {
    shares[name] = (until - (before.processes[name] ?? 0)) / seconds;
  }
  shares.k6 = (after.ended - before.ended) / seconds;
  const known = sum(Object.values(shares));
  const used = (after.machine - before.machine) / seconds;
  shares[STOLEN] = (after.stolen - before.stolen) / seconds;
  shares[OTHERS] = Math.max(0, used - known - shares[STOLEN]);
  shares.idle = Math.max(0, availableParallelism() - used);
  return shares;
}

/** User and system time of a process, and of its children that have ended, in seconds. */
function times(pid: number | 'self'): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) / TICKS);
}

/** Children that have ended count, too: PostgreSQL has a process for each connection. */
function own(pid: number): number {
  try {
    return sum(times(pid));
  } catch {
    // It has ended since.
    return 0;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function childrenOf(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It has ended since.
    }
  }
  return children;
}

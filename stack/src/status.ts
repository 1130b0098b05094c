import { isAlive } from './process-identity.ts';
import { probe } from './readiness.ts';
import type { StackPaths } from './stack-paths.ts';
import { livingProcesses, type ProcessState, type Skipped, StateFile } from './state-file.ts';
import { address } from './summary.ts';

/** One process as `status --json` shows it. */
export interface ProcessStatus {
  readonly name: string;
  readonly pid: number | null;
  /** The first port, where it is reached; `ports` are all. */
  readonly port: number | null;
  readonly ports: readonly number[];
  readonly status: ProcessState['status'];
  /** Its answer right now. `none` means that it has nothing to ask. */
  readonly health: 'healthy' | 'unhealthy' | 'none';
  /** Why it is not healthy. */
  readonly reason?: string;
  readonly address: string;
  readonly log: string;
}

/** The whole stack as `status --json` shows it. */
export interface StackStatus {
  readonly running: boolean;
  readonly phase: 'stopped' | 'starting' | 'ready' | 'stopping';
  /** Whether everything that should run does, and answers. */
  readonly healthy: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly skipped: readonly Skipped[];
}

/** Reads the record and asks every process how it is. */
export async function readStatus(paths: StackPaths): Promise<StackStatus> {
  const state = new StateFile(paths.state).read();
  if (!state)
    return { running: false, phase: 'stopped', healthy: false, processes: [], skipped: [] };
  const running = isAlive(state.supervisor);
  const living = new Set(livingProcesses(state));
  const processes = await Promise.all(
    state.processes.map((process) => askProcess(process, living.has(process))),
  );
  return {
    running,
    phase: running ? state.phase : 'stopped',
    healthy:
      running && processes.every(({ pid, health }) => pid !== null && health !== 'unhealthy'),
    processes,
    skipped: state.skipped,
  };
}

/** Writes the status as a table. */
export function printStatus({ running, processes, skipped }: StackStatus): void {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (!running && processes.length === 0) {
    print('The stack is not running. "npm start" or "npm run stack -- up" starts it.');
    return;
  }
  const rows = processes.map(({ name, pid, address: where, status, health, reason }) => [
    name,
    String(pid ?? '-'),
    where,
    health === 'healthy' || status !== 'ready' ? status : health,
    reason ?? '',
  ]);
  const table = [['NAME', 'PID', 'ADDRESS', 'STATUS', ''], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  for (const row of table)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  for (const { name, reason } of skipped) print(`${name} is not run: ${reason}`);
  if (!running) print('The supervisor was killed. "npm run stack -- down" ends what it has left.');
}

async function askProcess(state: ProcessState, lives: boolean): Promise<ProcessStatus> {
  const { name, ports, status, ready, log } = state;
  const reason = lives && ready ? await probe(ready) : undefined;
  return {
    name,
    pid: lives ? (state.process?.pid ?? null) : null,
    port: ports[0] ?? null,
    ports,
    status,
    health: !lives || reason ? 'unhealthy' : ready ? 'healthy' : 'none',
    ...(reason ? { reason } : {}),
    address: address(state),
    log,
  };
}

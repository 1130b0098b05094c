import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, signalGroup } from './process-identity.ts';
import { livingProcesses, type ProcessState, type StackState } from './state-file.ts';

const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Ends what a supervisor that was killed has left running.
 *
 * Only processes that still are the recorded ones are touched; a pid that has been given to
 * somebody else since is not.
 *
 * @returns the processes that were ended
 */
export async function endLeftovers(state: StackState): Promise<ProcessState[]> {
  const leftovers = livingProcesses(state);
  const signalAll = (signal: NodeJS.Signals) => {
    for (const { process } of leftovers) if (process) signalGroup(process, signal);
  };
  signalAll('SIGTERM');
  // One that was frozen hears of it only when it is let go.
  signalAll('SIGCONT');
  for (const end = performance.now() + GRACE_MS; performance.now() < end; ) {
    if (!leftovers.some(({ process }) => process && isAlive(process))) return leftovers;
    await delay(LOOK_EVERY_MS);
  }
  signalAll('SIGKILL');
  return leftovers;
}

import { readFileSync } from 'node:fs';
import { StackError } from '../errors.ts';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import type { Supervisor } from '../supervisor.ts';
import type { StackFaultRequest } from './stack-fault.ts';
import type { Inflicted } from './stack-faults.ts';

/** What of the supervisor a fault of a process needs. */
export type ProcessControl = Pick<
  Supervisor,
  | 'state'
  | 'pauseProcess'
  | 'resumeProcess'
  | 'stopProcess'
  | 'killProcess'
  | 'restartProcess'
  | 'untilReady'
>;

/** Freezes, stops or kills a process. @throws StackError when it does not run, or none has the name. */
export async function inflictOnProcess(
  control: ProcessControl,
  { kind, target }: StackFaultRequest,
): Promise<Inflicted> {
  const before = identityOf(control, target);
  if (!before) throw new StackError(`${target} does not run; start it with "restart ${target}".`);
  const said = (landed: boolean, proof: string) => ({ landed, proof });
  switch (kind) {
    case 'pause':
      await control.pauseProcess(target);
      return {
        look: async () => said(isFrozen(before), `process ${before.pid} is frozen`),
        undo: () => control.resumeProcess(target),
      };
    case 'stop':
      await control.stopProcess(target);
      return {
        look: async () => said(!isAlive(before), `process ${before.pid} has ended`),
        undo: () => control.restartProcess(target),
      };
    default:
      await control.killProcess(target);
      return {
        look: async () => said(!isAlive(before), `process ${before.pid} was killed`),
        undo: () => control.untilReady(target),
      };
  }
}

function identityOf({ state }: ProcessControl, name: string): ProcessIdentity | undefined {
  const found = state.processes.find((process) => process.name === name);
  if (found) return found.process;
  const known = state.processes.map((process) => process.name).join(', ');
  throw new StackError(`No process is called "${name}". There are: ${known}.`);
}

/** Whether a process is stopped by a signal; see proc(5), field 3. */
function isFrozen({ pid }: ProcessIdentity): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

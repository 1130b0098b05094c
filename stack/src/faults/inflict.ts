import { StackError } from '../errors.ts';
import type { Supervisor } from '../supervisor.ts';
import { inflictOnNetwork } from './network-fault.ts';
import { inflictOnProcess } from './process-fault.ts';
import { PROCESS_FAULTS, type StackFaultRequest } from './stack-fault.ts';
import type { Inflicted } from './stack-faults.ts';

const TOXIPROXY = 'toxiproxy';

/** Does a fault of any kind to a running stack. @throws StackError when it cannot be done. */
export function inflict(supervisor: Supervisor, request: StackFaultRequest): Promise<Inflicted> {
  const kinds: readonly string[] = PROCESS_FAULTS;
  if (kinds.includes(request.kind)) return inflictOnProcess(supervisor, request);
  const toxiproxy = supervisor.state.processes.find(({ name }) => name === TOXIPROXY);
  if (!toxiproxy) {
    throw new StackError(
      'toxiproxy does not run here; build it with npm run stack:install -- toxiproxy.',
    );
  }
  return inflictOnNetwork(`http://127.0.0.1:${toxiproxy.ports[0]}`, request);
}

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endLeftovers } from '../leftovers.ts';
import { isAlive } from '../process-identity.ts';
import { StackPaths } from '../stack-paths.ts';
import { StateFile } from '../state-file.ts';
import { parseOptions } from './options.ts';

/** Longer than all grace periods along the longest chain of dependencies. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** Stops the stack, or what is left of one whose supervisor was killed. */
export async function run(args: readonly string[]): Promise<number> {
  const { file } = parseOptions(args, []);
  const say = (sentence: string) => process.stderr.write(`${sentence}\n`);
  const stateFile = new StateFile(new StackPaths(dirname(file)).state);
  const state = stateFile.read();
  if (!state) {
    say('Nothing is running.');
    return 0;
  }
  const { supervisor } = state;
  if (isAlive(supervisor)) {
    process.kill(supervisor.pid, 'SIGTERM');
    for (const end = performance.now() + PATIENCE_MS; isAlive(supervisor); ) {
      if (performance.now() > end) {
        say(`It has not stopped in ${PATIENCE_MS / 1000} s and is killed.`);
        process.kill(supervisor.pid, 'SIGKILL');
        break;
      }
      await delay(LOOK_EVERY_MS);
    }
  }
  // What it recorded last: nothing when it ended in order.
  const left = stateFile.read();
  const ended = left ? await endLeftovers(left) : [];
  stateFile.remove();
  const names = ended.map(({ name }) => name).join(', ');
  say(names ? `Ended what was left running: ${names}.` : 'Everything is stopped.');
  return 0;
}

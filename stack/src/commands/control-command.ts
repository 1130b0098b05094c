import { dirname } from 'node:path';
import { askControl, type ControlAction } from '../control.ts';
import { StackPaths } from '../stack-paths.ts';
import { parseOptions } from './options.ts';

/** A command that asks the running supervisor to do something to the process it names. */
export function controlCommand(action: ControlAction) {
  return async (args: readonly string[]): Promise<number> => {
    const { file, words } = parseOptions(args, ['NAME']);
    process.chdir(dirname(file));
    await askControl(new StackPaths(dirname(file)).controlSocket, action, words[0] ?? '');
    return 0;
  };
}

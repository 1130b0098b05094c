import { dirname } from 'node:path';
import { StackPaths } from '../stack-paths.ts';
import { printStatus, readStatus } from '../status.ts';
import { parseOptions } from './options.ts';

/** Shows every process; succeeds when all of them are healthy. */
export async function run(args: readonly string[]): Promise<number> {
  const { file, json } = parseOptions(args, []);
  const status = await readStatus(new StackPaths(dirname(file)));
  if (json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else printStatus(status);
  return status.healthy ? 0 : 1;
}

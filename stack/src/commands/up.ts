import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError } from '../errors.ts';
import { StackPaths } from '../stack-paths.ts';
import { printStatus, readStatus } from '../status.ts';
import { parseStartOptions } from './options.ts';
import type { StartMessage } from './start.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts the stack in the background and returns when it is ready. */
export async function run(args: readonly string[]): Promise<number> {
  const { file, json, backends } = parseStartOptions(args);
  const paths = new StackPaths(dirname(file));
  const choice = backends ? ['--backends', backends] : [];
  await startInBackground(['--file', file, ...choice], paths.log('stack'));
  const status = await readStatus(paths);
  if (json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else printStatus(status);
  return status.healthy ? 0 : 1;
}

/** @throws StackError with the sentence of the stack that could not start. */
async function startInBackground(args: readonly string[], log: string): Promise<void> {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  // Its own session: neither this terminal's end nor its Ctrl-C is meant for it.
  const child = fork(MAIN, ['start', ...args], {
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message: StartMessage) => {
      if ('said' in message) process.stderr.write(`${message.said}\n`);
      else if ('failed' in message) reject(new StackError(message.failed));
      else resolve();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new StackError(`The stack ended with ${signal ?? code}; see ${log}`));
    });
  });
  child.disconnect();
  child.unref();
}

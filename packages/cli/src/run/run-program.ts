/**
 * Runs a program as if it had been started by itself.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../errors.ts';

/** Passed on to the program. A terminal sends the first to the program by itself. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Longest wait for what the program has started, after a signal, in milliseconds. */
const GROUP_ENDS_MS = 10_000;
const GROUP_POLL_MS = 50;

/** What a shell says of a program that a signal has ended. */
const BY_SIGNAL = 128;

/**
 * Its input and output are those of this process, and so is its terminal.
 *
 * @returns its exit code: 128 and the number of the signal, where one has ended it
 * @throws {CommandError} when it cannot be started
 */
export async function runProgram(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  // A terminal signals all of its foreground group. Without one the program has a group of its own,
  // so that what a package manager has started hears a signal as well.
  const isForeground = process.stdin.isTTY === true;
  const child = spawn(command, args, { stdio: 'inherit', env, detached: !isForeground });
  let signalled = false;
  const passOn = (signal: NodeJS.Signals) => {
    signalled = true;
    if (!isForeground) signalGroup(child.pid, signal);
    else if (signal === 'SIGTERM') child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, passOn);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'ENOENT' ? 'there is no such program' : error.message;
        reject(new CommandError(`${command} cannot be started: ${why}`));
      });
      child.once('exit', (code, signal) => {
        resolve(code ?? BY_SIGNAL + (signal ? constants.signals[signal] : 0));
      });
    });
    if (signalled && !isForeground) await groupToEnd(child.pid);
    return code;
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
}

/** @returns whether there is such a group */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** A package manager may end before what it has started does. */
async function groupToEnd(pid: number | undefined): Promise<void> {
  const until = performance.now() + GROUP_ENDS_MS;
  while (signalGroup(pid, 0) && performance.now() < until) await sleep(GROUP_POLL_MS);
}

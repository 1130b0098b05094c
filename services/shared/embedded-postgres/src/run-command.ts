import { spawn } from 'node:child_process';
import type { UserCommand } from './server-user.ts';

/**
 * Runs a command to its end.
 *
 * @param input what it reads from its standard input
 * @returns what it wrote, to standard output and standard error
 * @throws Error with what it wrote when it fails
 */
export async function runCommand(
  { command, args, ...user }: UserCommand,
  input = '',
): Promise<string> {
  const child = spawn(command, args, { ...user, cwd: '/', stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  // Of a command that ends before it has read everything its exit code tells.
  child.stdin.on('error', () => undefined).end(input);
  const code = await closed;
  if (code !== 0) throw new Error(`${command} failed (${code}): ${output.trim()}`);
  return output;
}

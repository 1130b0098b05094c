/**
 * The command line of the stack.
 *
 * @module
 */

import { suggest } from '@breakwater/cli/suggest';
import { describeFileError, StackError, UsageError } from './errors.ts';

interface Command {
  readonly usage: string;
  readonly summary: string;
  /** The module is loaded only when the command is used. */
  readonly load: () => Promise<{ run(args: readonly string[]): Promise<number> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    usage: 'start [--backends native|embedded]',
    summary: 'run everything in the foreground; Ctrl-C stops it',
    load: () => import('./commands/start.ts'),
  },
  up: {
    usage: 'up [--backends native|embedded] [--json]',
    summary: 'start everything in the background and return when it is ready',
    load: () => import('./commands/up.ts'),
  },
  down: {
    usage: 'down',
    summary: 'stop everything',
    load: () => import('./commands/down.ts'),
  },
  status: {
    usage: 'status [--json]',
    summary: 'show every process with its pid, port and health',
    load: () => import('./commands/status.ts'),
  },
  stop: {
    usage: 'stop NAME',
    summary: 'stop one process until it is restarted',
    load: () => import('./commands/stop.ts'),
  },
  restart: {
    usage: 'restart NAME',
    summary: 'stop one process and start it again',
    load: () => import('./commands/restart.ts'),
  },
  kill: {
    usage: 'kill NAME',
    summary: 'end one process as a crash would',
    load: () => import('./commands/kill.ts'),
  },
  explain: {
    usage: 'explain TRACE_ID [--json] [--wait SECONDS]',
    summary: 'tell the timeline of one request: spans, log lines, metric',
    load: () => import('./commands/explain.ts'),
  },
  verify: {
    usage: 'verify [--requests N] [--concurrency N] [--settle SECONDS] [--json]',
    summary: 'count how many failures lead to their trace, log lines and metric',
    load: () => import('./commands/verify.ts'),
  },
  load: {
    usage: 'load [NAME] [--json]',
    summary: 'run a load script of k6/load; without a name, list them',
    load: () => import('./commands/load.ts'),
  },
  chaos: {
    usage: 'chaos NAME|all|list|faults|undo [--json]',
    summary: 'run an experiment of k6/chaos to its verdict; list them; show or end active faults',
    load: () => import('./commands/chaos.ts'),
  },
  targets: {
    usage: 'targets',
    summary: 'write otel/targets, which Prometheus reads in Docker, after a change of the list',
    load: () => import('./commands/targets.ts'),
  },
};

/** Runs one command. @returns its exit code: 0 done, 1 failed, 2 wrongly used; `explain` has 3. */
export async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (!command) {
      const meant = suggest(name, Object.keys(COMMANDS));
      throw new UsageError(name ? `there is no command "${name}"${meant}` : 'which command?');
    }
    const { run } = await command.load();
    return await run(args);
  } catch (error) {
    const sentence = error instanceof StackError ? error.message : describeFileError(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`stack: ${sentence}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`${command ? `Usage: npm run stack -- ${command.usage}` : usage()}\n`);
    return 2;
  }
}

function usage(): string {
  const commands = Object.values(COMMANDS);
  const width = Math.max(...commands.map((command) => command.usage.length));
  const lines = commands.map((command) => `  ${command.usage.padEnd(width)}  ${command.summary}`);
  return ['Usage: npm run stack -- COMMAND [--file docker-compose.yml]', ...lines].join('\n');
}

process.exitCode = await main(process.argv.slice(2));

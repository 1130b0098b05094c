/**
 * The commands of `breakwater`, and what they have in common.
 *
 * @module
 */
import { CommandError, UsageError } from './errors.ts';
import { suggest } from './suggest.ts';

interface Command {
  /** What it needs, in one line. */
  readonly usage: string;
  readonly summary: string;
  /** The module is loaded only when the command is used. */
  readonly load: () => Promise<{
    readonly help: string;
    run(args: readonly string[]): Promise<number>;
  }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    usage: 'run -- PROGRAM [ARGUMENT...]',
    summary: 'run a program with a console beside it',
    load: () => import('./commands/run.ts'),
  },
  explain: {
    usage: 'explain TRACE_ID',
    summary: 'tell what the id of one request leads to',
    load: () => import('./commands/explain.ts'),
  },
  console: {
    usage: 'console',
    summary: 'start the console alone',
    load: () => import('./commands/console.ts'),
  },
  verify: {
    usage: 'verify FILE --url URL',
    summary: 'check that every failure of a service leads to its telemetry',
    load: () => import('./commands/verify.ts'),
  },
  dashboards: {
    usage: 'dashboards --out DIR',
    summary: 'write dashboards, rules and provisioning for a Grafana',
    load: () => import('./commands/dashboards.ts'),
  },
};

/** Words that ask for help in the place of a command or behind one. */
const HELP = ['help', '--help', '-h'];

/**
 * Runs one command. Results go to standard output, everything else to standard error.
 *
 * @returns its exit code: 0 done, 1 failed, 2 wrongly used; a command's help has more
 */
export async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (HELP.includes(name)) return await tellHelp(args);
    if (!command) {
      const meant = suggest(name, Object.keys(COMMANDS));
      throw new UsageError(name ? `there is no command "${name}"${meant}` : 'which command?');
    }
    if (asksForHelp(name, args)) return await tellHelp([name]);
    const { run } = await command.load();
    return await run(args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`breakwater: ${error.message}\n`);
    if (!(error instanceof UsageError)) return 1;
    const usage = command ? `Usage: breakwater ${command.usage}` : overview();
    const more = command ? `breakwater ${name} --help says more.` : '';
    process.stderr.write(`${[usage, more].filter(Boolean).join('\n')}\n`);
    return 2;
  }
}

/** Not by the words of a program that is to be run. */
function asksForHelp(name: string, args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const isProgram = name === 'run' && !args[0]?.startsWith('-');
  const own = isProgram ? [] : args.slice(0, end < 0 ? args.length : end);
  return own.some((word) => word === '--help' || word === '-h');
}

async function tellHelp([name]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stdout.write(`${overview()}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    throw new UsageError(`there is no command "${name}"${suggest(name, Object.keys(COMMANDS))}`);
  }
  process.stdout.write(`${(await command.load()).help}\n`);
  return 0;
}

function overview(): string {
  const commands = Object.values(COMMANDS);
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    'Usage: breakwater COMMAND',
    ...commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    'breakwater COMMAND --help has options, examples and exit codes.',
  ].join('\n');
}

/**
 * `breakwater run`: a program with a console beside it.
 *
 * @module
 */
import { parseArguments, readPort } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { CONSOLE_PORT } from '../run/hand-over.ts';
import { programEnvironment } from '../run/program-environment.ts';
import { runProgram } from '../run/run-program.ts';
import { serviceNameOf } from '../run/service-name.ts';

export const help = `Usage: breakwater run [--port PORT] [--name NAME] -- PROGRAM [ARGUMENT...]

Starts the console with a store of its own, and the program with its telemetry pointed there: spans by
auto-instrumentation, what it writes as log lines joined by their trace, its metrics. The program needs
none of our libraries. Both end together, with the program's exit code.

  --port PORT  where the console listens on 127.0.0.1; 0 is any free port. Default: ${CONSOLE_PORT}
  --name NAME  what the program is called. Default: OTEL_SERVICE_NAME, else the name in package.json
  --json       one line of JSON on standard error once it listens, in the place of a sentence

Examples:
  breakwater run -- node server.js
  breakwater run --port 9000 -- npm run dev
  breakwater run --name todo -- npx tsx src/server.ts

Exit codes: the program's own; 128 and the number of the signal that ended it; 1 the program or the
console cannot be started; 2 used wrongly.`;

/** @returns the exit code of the program */
export async function run(args: readonly string[]): Promise<number> {
  const [options, program] = split(args);
  const { values } = parseArguments({
    args: options,
    options: {
      port: { type: 'string', default: String(CONSOLE_PORT) },
      name: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (program.length === 0) throw new UsageError('which program? It stands behind --');
  const port = readPort(values.port);
  const { serveConsole } = await import('../run/serve-console.ts');
  const console = await serveConsole(port);
  try {
    const serviceName =
      values.name || process.env.OTEL_SERVICE_NAME || serviceNameOf(process.cwd());
    const { url, folder, address } = console;
    const told = values.json
      ? JSON.stringify({ console: url, address, service: serviceName, folder })
      : `breakwater: ${serviceName} is watched at ${address}`;
    process.stderr.write(`${told}\n`);
    const preload = import.meta.resolve('@breakwater/cli/preload');
    return await runProgram(
      program,
      programEnvironment(process.env, { url, folder, serviceName, preload }),
    );
  } finally {
    await console.close();
  }
}

/** At `--`, or before the first word where that begins the command line. */
function split(args: readonly string[]): [options: string[], program: string[]] {
  const at = args.indexOf('--');
  if (at >= 0) return [args.slice(0, at), args.slice(at + 1)];
  return args[0]?.startsWith('-') ? [[...args], []] : [[], [...args]];
}

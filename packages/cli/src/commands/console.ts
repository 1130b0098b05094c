/**
 * `breakwater console`: the console alone.
 *
 * @module
 */
import { once } from 'node:events';
import { parseArguments, readPort } from '../arguments.ts';
import { CONSOLE_PORT } from '../run/hand-over.ts';

export const help = `Usage: breakwater console [--port PORT]

Starts the console on 127.0.0.1 with a store of its own, until Ctrl-C. Programs send it spans and log
records by OTLP/HTTP, in JSON or protobuf: set OTEL_EXPORTER_OTLP_ENDPOINT to its address.

  --port PORT  where it listens; 0 is any free port. Default: ${CONSOLE_PORT}
  --json       one line of JSON on standard output once it listens, in the place of a sentence

Examples:
  breakwater console
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${CONSOLE_PORT} node --import @breakwater/otel/register server.js

Exit codes: 0 ended by a signal; 1 it cannot be started; 2 used wrongly.`;

/** Ends with SIGINT or SIGTERM. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArguments({
    args: [...args],
    options: {
      port: { type: 'string', default: String(CONSOLE_PORT) },
      json: { type: 'boolean', default: false },
    },
  });
  const port = readPort(values.port);
  // The console takes most of the time to load, and a wrong word needs none of it.
  const { serveConsole } = await import('../run/serve-console.ts');
  const console = await serveConsole(port);
  const { url, address } = console;
  if (values.json) process.stdout.write(`${JSON.stringify({ console: url, address })}\n`);
  else
    process.stderr.write(
      `breakwater: the console is at ${address}; it takes OTLP/HTTP at ${url}\n`,
    );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await console.close();
  return 0;
}

import { resolve } from 'node:path';
import { explain, explainIo, readTraceArguments, TRACE_OPTIONS } from '@breakwater/cli';
import { parseArguments } from '@breakwater/cli/arguments';
import { openSources } from '../sources.ts';
import { COMPOSE_FILE } from './options.ts';

const NEXT = 'npm run stack -- status shows what runs, npm start starts it; then explain it again.';

/** Tells what the id of one request leads to in the stack of a compose file. */
export function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: { ...TRACE_OPTIONS, file: { type: 'string', short: 'f', default: COMPOSE_FILE } },
  });
  const asked = readTraceArguments(positionals, values);
  const { sources } = openSources(resolve(values.file));
  return explain(asked, explainIo('stack', sources, NEXT));
}

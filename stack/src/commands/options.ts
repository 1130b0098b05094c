import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '@breakwater/cli/arguments';
import { UsageError } from '../errors.ts';
import type { Backends } from '../state-file.ts';

/** What every command understands. */
export interface CommandOptions {
  /** Absolute path of the compose file. */
  readonly file: string;
  /** Machine-readable output. */
  readonly json: boolean;
  /** Words that are no options. */
  readonly words: readonly string[];
}

/** The list of processes of this repository. */
export const COMPOSE_FILE = fileURLToPath(new URL('../../../docker-compose.yml', import.meta.url));

/**
 * Reads the arguments of a command that takes only words.
 *
 * @throws UsageError for an unknown option, or another number of words than `expected`.
 */
export function parseOptions(args: readonly string[], expected: readonly string[]): CommandOptions {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: { file: { type: 'string', short: 'f' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length !== expected.length) {
    throw new UsageError(expected.length ? `it needs ${expected.join(' ')}` : 'it takes no words');
  }
  const file = values.file ? resolve(values.file) : COMPOSE_FILE;
  return { file, json: values.json, words: positionals };
}

/** Reads `--file`, `--json` and `--backends` of what starts the stack. @throws UsageError */
export function parseStartOptions(
  args: readonly string[],
): CommandOptions & { readonly backends: Backends | undefined } {
  const { values } = parseArguments({
    args: [...args],
    options: {
      file: { type: 'string', short: 'f' },
      json: { type: 'boolean', default: false },
      backends: { type: 'string' },
    },
  });
  const { file, json, backends } = values;
  if (backends !== undefined && backends !== 'native' && backends !== 'embedded') {
    throw new UsageError('--backends takes native or embedded');
  }
  return { file: file ? resolve(file) : COMPOSE_FILE, json, words: [], backends };
}

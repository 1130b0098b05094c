import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { StackError } from './errors.ts';
import type { Variables } from './interpolate.ts';
import { isAlive } from './process-identity.ts';
import { StackPaths } from './stack-paths.ts';
import { type StackState, StateFile } from './state-file.ts';

/**
 * The variables of this process, over the ports of the stack that runs from this folder, over those
 * of a `.env` file beside the compose file, if any.
 */
export function loadEnvironment(root: string): Variables {
  return { ...readDotEnv(join(root, '.env')), ...runningStack(root)?.variables, ...process.env };
}

/** Values that Docker Compose reads as Node does; it expands `$`, and `#` begins a comment for Node. */
const SAME_IN_DOCKER = /^('[^'\\]*'|"[^"\\$`]*"|[^#$'"`\\]*)(\s+#.*)?$/;

/** @throws StackError for a value that would mean one thing in Docker and another here */
export function parseDotEnv(text: string): Variables {
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ''] = /^\s*(?:export\s+)?(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name && !SAME_IN_DOCKER.test(value)) {
      throw new StackError(
        `.env: put the value of ${name} in single quotes, or set it in the environment if it has one: Docker would read it otherwise than Node`,
      );
    }
  }
  return parseEnv(text);
}

function readDotEnv(path: string): Variables {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new StackError(`.env is there and cannot be read: ${message}`);
  }
  return parseDotEnv(text);
}

/** The record of the stack that runs from a folder; undefined when none does. */
export function runningStack(root: string): StackState | undefined {
  const state = new StateFile(new StackPaths(root).state).read();
  return state && isAlive(state.supervisor) ? state : undefined;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Variables } from './interpolate.ts';
import { isAlive } from './process-identity.ts';
import { StackPaths } from './stack-paths.ts';
import { type StackState, StateFile } from './state-file.ts';

/**
 * The variables of this process, over the ports of the stack that runs from this folder, over those
 * of a `.env` file beside the compose file, if any.
 */
export function loadEnvironment(root: string): Variables {
  let text = '';
  try {
    text = readFileSync(join(root, '.env'), 'utf8');
  } catch {
    // The file is optional.
  }
  return { ...parseEnv(text), ...runningStack(root)?.variables, ...process.env };
}

/** The record of the stack that runs from a folder; undefined when none does. */
export function runningStack(root: string): StackState | undefined {
  const state = new StateFile(new StackPaths(root).state).read();
  return state && isAlive(state.supervisor) ? state : undefined;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Variables } from './interpolate.ts';

/** The variables of this process over those of a `.env` file beside the compose file, if any. */
export function loadEnvironment(root: string): Variables {
  let text = '';
  try {
    text = readFileSync(join(root, '.env'), 'utf8');
  } catch {
    // The file is optional.
  }
  return { ...parseEnv(text), ...process.env };
}

/**
 * What a program is called where nobody has said it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The name of the nearest `package.json`, without its scope; or else of the folder.
 *
 * @param folder absolute path where the program is started
 */
export function serviceNameOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const name = nameIn(join(at, 'package.json'));
    if (name !== undefined) return name;
    if (dirname(at) === at) return basename(folder) || 'program';
  }
}

function nameIn(manifest: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name.replace(/^@[^/]*\//, '') : undefined;
  } catch {
    return undefined;
  }
}

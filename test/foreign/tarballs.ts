/**
 * The libraries as tarballs, packed once for the tests of a file.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { pack } from '../../packages/pack.ts';

const directory = mkdtempSync(join(tmpdir(), 'tarballs-'));
after(() => rmSync(directory, { recursive: true }));

/** The path of each tarball, by the name of its library. */
export const tarballs: ReadonlyMap<string, string> = pack(directory);

/**
 * The tarballs of these libraries, given without their scope.
 *
 * @throws when there is no such library.
 */
export function tarballsOf(...names: readonly string[]): string[] {
  return names.map((name) => {
    const path = tarballs.get(`@breakwater/${name}`);
    if (path === undefined)
      throw new Error(`${name} is no library; known: ${[...tarballs.keys()]}`);
    return path;
  });
}

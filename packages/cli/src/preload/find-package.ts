/**
 * The program's own copy of a package: two copies of one library would be two of its state.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Exports = string | { readonly [condition: string]: Exports | undefined };

/**
 * The URL of a module of a package that is installed for a folder, as `import` from there would find
 * it; undefined when there is none. `import.meta.resolve` looks from this file only.
 *
 * @param entry key of the package's `exports`, such as `.` or `./register`
 */
export function findPackage(name: string, entry: string, from = process.cwd()): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    const manifest = join(root, 'package.json');
    if (existsSync(manifest)) {
      const path = exported(JSON.parse(readFileSync(manifest, 'utf8')), entry);
      return path === undefined ? undefined : pathToFileURL(join(root, path)).href;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

interface Manifest {
  readonly main?: string;
  readonly exports?: Exports;
}

function exported({ main = 'index.js', exports = main }: Manifest, entry: string) {
  if (typeof exports === 'string') return entry === '.' ? exports : undefined;
  // Conditions in the place of entries are those of the only entry.
  return pathOf(exports[entry] ?? (entry === '.' && !('.' in exports) ? exports : undefined));
}

function pathOf(found: Exports | undefined): string | undefined {
  if (found === undefined || typeof found === 'string') return found;
  for (const condition of ['node', 'import', 'default']) {
    const path = pathOf(found[condition]);
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * The source of a release as a tree of its own, whose services can be started beside those of today.
 *
 * @module
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ReleaseNote } from './contract.ts';
import { ROOT } from './places.ts';

const run = promisify(execFile);
/** The scope of the repository's own packages. */
const OWN = '@breakwater';

/** A tree in a temporary folder. */
export interface ReleasedTree {
  readonly root: string;
  remove(): void;
}

/** Why the tree of a release cannot be made; undefined when it can. */
export function whyNoTree({ commit, version }: ReleaseNote): string | undefined {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT, stdio: 'pipe' });
    return undefined;
  } catch {
    return `this clone does not have the commit of release ${version}, ${commit}: clone with all history, or run git fetch --unshallow`;
  }
}

/**
 * Unpacks the commit of a release. Its own packages are those of then; all others are those that are
 * installed now, so that nothing is downloaded.
 *
 * @throws {Error} when the commit is not in this clone
 */
export async function unpackRelease(note: ReleaseNote): Promise<ReleasedTree> {
  const missing = whyNoTree(note);
  if (missing !== undefined) throw new Error(missing);
  const root = mkdtempSync(join(tmpdir(), `breakwater-${note.version}-`));
  const archive = `git archive "$1" | tar -x -C "$2"`;
  await run('sh', ['-c', archive, 'sh', note.commit, root], { cwd: ROOT });
  linkModules(root);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function linkModules(root: string): void {
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, OWN), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== OWN) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const { workspaces } = manifest(root);
  for (const file of globSync(
    workspaces.map((each: string) => `${each}/package.json`),
    { cwd: root },
  )) {
    const folder = join(root, dirname(file));
    const { name } = manifest(folder);
    if (!name.startsWith(`${OWN}/`)) continue;
    symlinkSync(folder, join(modules, name));
    // Versions that one workspace alone has.
    const nested = join(ROOT, dirname(file), 'node_modules');
    if (existsSync(nested)) symlinkSync(nested, join(folder, 'node_modules'));
  }
}

function manifest(folder: string) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

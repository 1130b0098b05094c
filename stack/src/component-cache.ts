import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Component } from './components.ts';

const SOURCES = fileURLToPath(new URL('../components', import.meta.url));

/** The folder of a component's `go.mod`. */
export function sourceFolder(component: Component): string {
  return join(SOURCES, component.name);
}

/** Where built programs are kept: `breakwater` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'breakwater');
}

/**
 * The folder that holds a component's programs once they are built.
 *
 * Its name carries a hash of all that decides what is built, so that a changed pin or flag is a new
 * build and an old one is never taken for it.
 */
export function builtFolder(
  component: Component,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const { name, version } = component;
  return join(cacheFolder(environment), name, `${version}-${buildHash(component)}`);
}

/** The linker flags of every program of a component. */
export function linkerFlags({ variables }: Component): string {
  return ['-s', '-w', ...variables.map((variable) => `-X ${variable}`)].join(' ');
}

function buildHash(component: Component): string {
  const folder = sourceFolder(component);
  const hash = createHash('sha256');
  const inputs = readdirSync(folder).filter((file) => /^go\.(mod|sum)$|\.go$/.test(file));
  for (const file of inputs.sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update('\0');
  }
  hash.update(
    JSON.stringify([
      linkerFlags(component),
      component.tags,
      component.binaries.map(({ package: path }) => path),
      process.platform,
      process.arch,
    ]),
  );
  return hash.digest('hex').slice(0, 12);
}

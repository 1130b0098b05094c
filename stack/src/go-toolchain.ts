import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceFolder } from './component-cache.ts';
import type { Component } from './components.ts';
import { StackError } from './errors.ts';
import { findOnPath } from './find-component.ts';

const run = promisify(execFile);

/** The `go` command and what it says of itself. */
export interface GoToolchain {
  readonly path: string;
  /** E.g. `1.26.8`. */
  readonly version: string;
  /** Where modules come from, as `go env GOPROXY` tells. */
  readonly proxy: string;
  /** Folder of the build cache, which the builds fill. */
  readonly cache: string;
}

const NEXT = 'then run npm run stack:install again';

/**
 * Finds a Go that can build the components.
 *
 * @throws StackError when there is none, it does not run, or it is too old and may not fetch a
 *   newer one of itself (`GOTOOLCHAIN=local`).
 */
export async function findGo(
  components: readonly Component[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<GoToolchain> {
  const needed = components.map(goVersionOf).sort(compareVersions).at(-1) ?? '1.21';
  const path = await findOnPath('go', environment.PATH);
  if (!path) {
    throw new StackError(
      `Go is not on the PATH, and the backends are built with it. Install Go ${needed} or newer (https://go.dev/dl), ${NEXT}.`,
    );
  }
  const { GOVERSION, GOTOOLCHAIN, GOPROXY, GOCACHE } = await askGo(path, environment);
  const version = GOVERSION.replace(/^go/, '').split(/[ -]/)[0] ?? '';
  // From 1.21 on, Go fetches a newer toolchain through the module proxy when a go.mod asks for one.
  const canUpgrade = compareVersions(version, '1.21') >= 0 && GOTOOLCHAIN !== 'local';
  if (compareVersions(version, needed) < 0 && !canUpgrade) {
    throw new StackError(
      `Go ${version} (${path}) is too old: the backends need ${needed} or newer. Install it (https://go.dev/dl)${GOTOOLCHAIN === 'local' ? ' or set GOTOOLCHAIN=auto' : ''}, ${NEXT}.`,
    );
  }
  return { path, version, proxy: GOPROXY, cache: GOCACHE };
}

async function askGo(path: string, environment: NodeJS.ProcessEnv) {
  try {
    const names = ['GOVERSION', 'GOTOOLCHAIN', 'GOPROXY', 'GOCACHE'] as const;
    const { stdout } = await run(path, ['env', '-json', ...names], {
      env: { ...environment, GOWORK: 'off' },
    });
    return JSON.parse(stdout) as Record<(typeof names)[number], string>;
  } catch (error) {
    const [line] = (error as Error).message.trim().split('\n').slice(-1);
    throw new StackError(`${path} does not run (${line}). Repair Go or its PATH entry, ${NEXT}.`);
  }
}

/** The `go` line of a component's go.mod: the oldest Go that builds it. */
export function goVersionOf(component: Component): string {
  const text = readFileSync(join(sourceFolder(component), 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(text)?.[1] ?? '1.21';
}

/** Orders versions of numbers and dots; a missing part counts as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    version.split('.').map((part) => parseInt(part, 10) || 0),
  );
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

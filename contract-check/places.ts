/**
 * Where the contracts and what was released of them are.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
export const CONTRACTS = join(ROOT, 'services/shared/contracts');
export const RELEASED = join(CONTRACTS, 'released');

/** A semantic version, without what may follow it. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/** Whether this is `1.2.3`, and greater than `than`. */
export function isVersionAfter(version: string, than: string | undefined): boolean {
  return VERSION.test(version) && (than === undefined || compareVersions(version, than) > 0);
}

/** Whether a version may break what another promised (Semantic Versioning 2.0.0, item 8). */
export function isNextMajor(version: string, than: string): boolean {
  return Number(version.split('.')[0]) > Number(than.split('.')[0]);
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (x?.[index] ?? 0) - (y?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Every released version, oldest first. */
export function releasedVersions(folder = RELEASED): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => VERSION.test(name)).sort(compareVersions);
}

/** A path as it is told: from the root of the repository. */
export function shown(path: string): string {
  return relative(ROOT, path);
}

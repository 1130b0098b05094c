/**
 * Every kind of error that the source defines: which class throws it, and where it stands.
 *
 * @module
 */
import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type ErrorKind, listKinds } from '@breakwater/errors';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One entry of the catalogue and where it comes from. */
export interface Definition {
  readonly kind: ErrorKind;
  /** The class that stands for it; undefined where a family makes the code from a noun. */
  readonly className: string | undefined;
  /** The folder whose module defined it first, such as `packages/errors`. */
  readonly owner: string;
}

/** In the order in which the imports point, so that each code is found where it is at home. */
const MODULES = [
  'packages/errors/src/index.ts',
  'packages/errors/src/orchestrator.ts',
  'packages/resilience/src/index.ts',
  'packages/hono/src/access-control.ts',
  'packages/hono/src/breakers.ts',
  'packages/*/src/index.ts',
  'services/shared/kit/src/index.ts',
  'packages/console/src/{errors,routes/*}.ts',
  'services/*/src/errors.ts',
  'services/*/src/routes/*.ts',
];

/** It passes the codes of others on: none is at home there that stands anywhere else. */
const EDGE = '/gateway/';

/**
 * Imports every module that defines errors into this process, where a code that is defined twice
 * with different meanings is refused.
 *
 * @throws {TypeError} naming a code that two modules define differently
 */
export async function loadDefinitions(): Promise<Definition[]> {
  const owners = new Map<string, string>();
  const classes = new Map<string, { name: string; owner: string }>();
  for (const path of modulePaths()) {
    const exports: Record<string, unknown> = await import(pathToFileURL(path).href);
    const owner = relative(ROOT, path).split('/').slice(0, 2).join('/');
    for (const [name, value] of Object.entries(exports)) {
      const code = codeOf(value);
      if (code && !classes.has(code)) classes.set(code, { name, owner });
    }
    for (const { code } of listKinds()) if (!owners.has(code)) owners.set(code, owner);
  }
  return listKinds().map((kind) => ({
    kind,
    className: classes.get(kind.code)?.name,
    owner: classes.get(kind.code)?.owner ?? owners.get(kind.code) ?? '',
  }));
}

function modulePaths(): string[] {
  const found = MODULES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }).sort());
  const paths = [...new Set(found)].filter((path) => !path.endsWith('.test.ts'));
  const inside = paths.filter((path) => !path.includes(EDGE));
  const edge = paths.filter((path) => path.includes(EDGE));
  return [...inside, ...edge].map((path) => ROOT + path);
}

/** The code of a class that has a kind of its own. */
function codeOf(value: unknown): string | undefined {
  if (typeof value !== 'function' || !Object.hasOwn(value, 'kind')) return undefined;
  return (value as unknown as { kind: ErrorKind }).kind.code;
}

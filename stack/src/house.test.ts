import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allowedIn, folderOf, readHouse } from '../../lint/house.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const house = readHouse();

function manifest(folder: string): { name: string; needs: Record<string, string> } {
  const read = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  return { name: read.name, needs: { ...read.dependencies, ...read.peerDependencies } };
}

/** The folders that the files of a folder import, tests and what only tests use aside. */
function importedBy(folder: string): Set<string> {
  const files = globSync(`${folder}/src/**/*.ts`, { cwd: ROOT });
  const sources = files.filter((file) => !/\.test\.ts$|\/testing\/|\/test-|\/scripted-/.test(file));
  const found = sources.flatMap((file) => [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /(?:from|import\() ?'(@breakwater\/[\w-]+)/g,
    ),
  ]);
  const others = new Set(found.map(([, name = '']) => folderOf.get(name) ?? name));
  // An example in a comment shows the package as others import it.
  others.delete(folder);
  return others;
}

for (const folder of folderOf.values()) {
  test(`${folder} imports what the house allows, and declares it`, () => {
    const allowed = allowedIn(folder, house);
    assert.ok(allowed, 'CONTRIBUTING.md has no row for it');
    const imported = importedBy(folder);
    for (const other of imported) assert.ok(allowed.includes(other), `it imports ${other}`);
    const { needs } = manifest(folder);
    for (const name of Object.keys(needs)) {
      const other = folderOf.get(name);
      if (other) assert.ok(allowed.includes(other), `it depends on ${other}`);
    }
    for (const other of imported) {
      assert.ok(manifest(other).name in needs, `${other} is not declared`);
    }
  });
}

test('every folder of the table exists', () => {
  const named = [...house].flatMap(([folder, imports]) => [folder, ...imports]);
  for (const folder of named) assert.ok(existsSync(join(ROOT, folder.replace('/*', ''))), folder);
});

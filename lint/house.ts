/**
 * The house as lint rules: what each folder may import, as the table of CONTRIBUTING.md has it.
 * `npm run lint:build` writes them into `lint/house.json`, which `biome.json` extends.
 *
 * @module
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const FILE = join(ROOT, 'lint/house.json');

/** Folders of the house, by the names of their packages. */
export const folderOf: ReadonlyMap<string, string> = new Map(
  globSync('{packages,services,services/shared}/*/package.json', { cwd: ROOT })
    .concat('otel/node/package.json')
    .sort()
    .map((file) => [JSON.parse(readFileSync(join(ROOT, file), 'utf8')).name, dirname(file)]),
);

/** What each folder may import of the others; `services/*` stands for those without a row. */
export function readHouse(): Map<string, string[]> {
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  return new Map(
    [...page.matchAll(/^\| (`[^|]+) \| ([^|]+) \|$/gm)].flatMap(([, folders = '', imports = '']) =>
      quoted(folders).map((folder) => [folder, quoted(imports)] as const),
    ),
  );
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** What a folder may import; undefined where no row allows it anything. */
export function allowedIn(folder: string, house = readHouse()): string[] | undefined {
  return house.get(folder) ?? house.get(folder.replace(/[^/]+$/, '*'));
}

/** The part of Biome's configuration that holds the table. */
export function houseRules(): { overrides: unknown[] } {
  const house = readHouse();
  const overrides = [...folderOf.values()].map((folder) => {
    const allowed = allowedIn(folder, house) ?? [];
    const names = [...folderOf].filter(([, at]) => at === folder || allowed.includes(at));
    const group = ['@breakwater/*', '@breakwater/*/**', '**/src/**'].concat(
      names.flatMap(([name]) => [`!${name}`, `!${name}/**`]),
    );
    const message = `${folder} may import ${allowed.join(', ') || 'no other folder'}, by name: see "The house" in CONTRIBUTING.md.`;
    const noRestrictedImports = { level: 'error', options: { patterns: [{ group, message }] } };
    return {
      includes: [
        `${folder}/src/**`,
        '!**/*.test.ts',
        '!**/*.test.tsx',
        '!**/testing/**',
        '!**/{test,scripted}-*.ts',
      ],
      linter: { rules: { style: { noRestrictedImports } } },
    };
  });
  return { overrides };
}

/** The rules as they stand in the file. */
export function writtenRules(): unknown {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

if (import.meta.main) writeFileSync(FILE, `${JSON.stringify(houseRules(), null, 2)}\n`);

/**
 * Build the libraries as they are installed elsewhere: ECMAScript modules with types, one tarball
 * each. `npm run libraries:pack -- DIR [NAME...]` packs all of them, or those named, into a folder.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** What of ECMAScript there is from a version of Node.js on: the rest does not compile. */
const LIBRARIES_OF_NODE = {
  '>=20': ['es2023', 'es2024.string', 'esnext.disposable'],
  '>=22': ['es2024', 'esnext.disposable', 'esnext.iterator'],
};

/** A manifest as far as it is read or rewritten here. */
interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly engines: { readonly node: keyof typeof LIBRARIES_OF_NODE };
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string };
}

/** A package that anybody may install: its manifest says `publishConfig.access` and not `private`. */
export interface Library {
  readonly name: string;
  /** Below the root of the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Find the libraries of this repository, those first that others are built on. */
export function libraries(): Library[] {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const found = globSync(
    (workspaces as string[]).map((each) => `${each}/package.json`),
    { cwd: ROOT },
  )
    .map((file) => {
      const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
      return { name: manifest.name, folder: dirname(file), manifest };
    })
    .filter(({ manifest }) => manifest.publishConfig?.access === 'public' && !manifest.private);
  return sorted(found.sort((one, other) => one.name.localeCompare(other.name)));
}

/** What a library needs of the others. */
export function needs({ dependencies, peerDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...peerDependencies });
}

function sorted(found: readonly Library[]): Library[] {
  const known = new Map(found.map((library) => [library.name, library]));
  const placed = new Set<Library>();
  const place = (library: Library): void => {
    if (placed.has(library)) return;
    for (const name of needs(library.manifest)) {
      const other = known.get(name);
      if (other) place(other);
    }
    placed.add(library);
  };
  for (const library of found) place(library);
  return [...placed];
}

/**
 * The manifest that is published: what is exported from `src` as TypeScript while developing is
 * exported as JavaScript with its declarations. npm rewrites nothing of that kind itself.
 */
export function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const {
    devDependencies: _,
    scripts: __,
    ...kept
  } = manifest as unknown as Record<string, unknown>;
  const exported = Object.entries(manifest.exports).map(([path, source]) => [
    path,
    source.endsWith('.ts')
      ? { types: compiled(source, '.d.ts'), default: compiled(source, '.js') }
      : source,
  ]);
  const bin = Object.entries(manifest.bin ?? {}).map(([name, source]) => [
    name,
    compiled(source, '.js'),
  ]);
  return {
    ...kept,
    exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    ...(bin.length > 0 ? { bin: Object.fromEntries(bin) } : {}),
  };
}

function compiled(source: string, extension: string): string {
  return source.replace(/^\.\/src\//, './dist/').replace(/\.tsx?$/, extension);
}

/**
 * Build libraries and pack them.
 *
 * @param into a folder, made where there is none.
 * @param names which of them. Default: all; those they are built on are built in any case.
 * @returns the path of each tarball, by the name of its library.
 * @throws when one does not compile; the compiler has said why.
 */
export function pack(into: string, names?: readonly string[]): Map<string, string> {
  const folder = resolve(into);
  mkdirSync(folder, { recursive: true });
  // Where what the libraries import is found, and nobody looks for sources.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(join(cache, 'libraries-'));
  try {
    const built = new Map<string, string>();
    const packed = new Map<string, string>();
    for (const library of libraries()) {
      const target = join(stage, basename(library.folder));
      build(library, target, built);
      built.set(library.name, target);
      if (names && !names.includes(library.name)) continue;
      const args = ['pack', '--silent', '--pack-destination', folder];
      const told = execFileSync('npm', args, { cwd: target, encoding: 'utf8' });
      packed.set(library.name, join(folder, told.trim()));
    }
    return packed;
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** Lay out what the tarball of a library holds. */
function build({ folder, manifest }: Library, target: string, built: Map<string, string>): void {
  const source = join(ROOT, folder);
  mkdirSync(target);
  const entries = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})];
  writeJson(join(target, 'tsconfig.json'), {
    extends: join(ROOT, 'tsconfig.library.json'),
    compilerOptions: {
      rootDir: join(source, 'src'),
      outDir: join(target, 'dist'),
      paths: paths(built),
      lib: LIBRARIES_OF_NODE[manifest.engines.node],
    },
    files: entries.filter((entry) => /\.tsx?$/.test(entry)).map((entry) => join(source, entry)),
  });
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', target], { stdio: 'inherit' });
  rmSync(join(target, 'tsconfig.json'));
  writeJson(join(target, 'package.json'), publishedManifest(manifest));
  cpSync(join(ROOT, 'LICENSE'), join(target, 'LICENSE'));
  for (const file of ['README.md', ...(manifest.files ?? [])]) {
    if (file !== 'dist') cpSync(join(source, file), join(target, file), { recursive: true });
  }
}

/** Where the compiler finds the declarations of the libraries that are built already. */
function paths(built: ReadonlyMap<string, string>): Record<string, string[]> {
  const found = libraries().flatMap(({ name, manifest }) => {
    const at = built.get(name);
    if (at === undefined) return [];
    return Object.entries(manifest.exports).map(([path, source]) => [
      join(name, path),
      [join(at, compiled(source, '.d.ts'))],
    ]);
  });
  return Object.fromEntries(found);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const [into, ...names] = process.argv.slice(2);
  if (into === undefined) {
    console.error('usage: npm run libraries:pack -- DIR [NAME...]');
    process.exit(2);
  }
  for (const tarball of pack(into, names.length > 0 ? names : undefined).values()) {
    console.log(tarball);
  }
}

/**
 * The load scripts there are, and what each says of itself.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script of `k6/load`. */
export interface LoadScript {
  readonly name: string;
  readonly path: string;
  /** The comment at its head, as one paragraph: the question it answers, and its variables. */
  readonly about: string;
}

/** Every script of a folder, by name. */
export function listScripts(folder: string): LoadScript[] {
  return readdirSync(folder)
    .filter((file) => /^[\w-]+\.ts$/.test(file))
    .sort()
    .map((file) => {
      const path = join(folder, file);
      return { name: file.replace(/\.ts$/, ''), path, about: about(readFileSync(path, 'utf8')) };
    });
}

/** A list to choose from, a line or more for each script. */
export function renderScripts(scripts: readonly LoadScript[]): string {
  const width = Math.max(...scripts.map(({ name }) => name.length));
  const lines = scripts.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return ['Usage: [RATE=50 DURATION=30s …] npm run load -- NAME [--json]', ...lines].join('\n');
}

function about(source: string): string {
  const [comment = ''] = /^\/\*\*[\s\S]*?(?=@module)/.exec(source) ?? [];
  return comment
    .replace(/^\/\*\*|^ \*/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * The scripts and styles of the pages, read once.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Asset {
  readonly type: string;
  readonly body: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

function own(name: string): string {
  return readFileSync(new URL(`../static/${name}`, import.meta.url), 'utf8');
}

function ofPackage(path: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(path)), 'utf8');
}

const ASSETS: Readonly<Record<string, Asset>> = {
  'console.css': { type: STYLE, body: own('console.css') },
  'console.js': { type: SCRIPT, body: own('console.js') },
  'live-source.js': { type: SCRIPT, body: own('live-source.js') },
  'live-worker.js': { type: SCRIPT, body: own('live-worker.js') },
  'charts.js': { type: SCRIPT, body: own('charts.js') },
  'uplot.js': { type: SCRIPT, body: ofPackage('uplot/dist/uPlot.esm.js') },
  'uplot.css': { type: STYLE, body: ofPackage('uplot/dist/uPlot.min.css') },
};

/** Changes whenever a file does, so that browsers may keep them for ever. */
const VERSION = createHash('sha256')
  .update(
    Object.values(ASSETS)
      .map(({ body }) => body)
      .join(),
  )
  .digest('hex')
  .slice(0, 12);

/** Where a page finds a file. Modules find each other beside themselves. */
export function assetPath(name: keyof typeof ASSETS): string {
  return `/static/${VERSION}/${name}`;
}

/** The answer with a file; undefined when there is none of that version and name. */
export function asset(version: string, name: string): Response | undefined {
  const found = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (!found || version !== VERSION) return undefined;
  return new Response(found.body, {
    headers: { 'content-type': found.type, 'cache-control': 'public, max-age=31536000, immutable' },
  });
}

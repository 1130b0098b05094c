import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findPackage } from './find-package.ts';

test('a package is found from a folder below, by its exports or its main', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'find-'));
  t.after(() => rmSync(root, { recursive: true }));
  const install = (name: string, manifest: object) => {
    mkdirSync(join(root, 'node_modules', name), { recursive: true });
    writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify(manifest));
  };
  install('@a/one', {
    exports: { '.': './a.js', './register': { types: './r.d.ts', import: './r.js' } },
  });
  install('two', { main: './lib/main.js' });
  install('three', { exports: { import: { types: './t.d.ts', default: './t.js' } } });
  const from = join(root, 'src', 'deep');
  const url = (path: string) => pathToFileURL(join(root, 'node_modules', path)).href;
  assert.equal(findPackage('@a/one', '.', from), url('@a/one/a.js'));
  assert.equal(findPackage('@a/one', './register', from), url('@a/one/r.js'));
  assert.equal(findPackage('@a/one', './other', from), undefined);
  assert.equal(findPackage('two', '.', from), url('two/lib/main.js'));
  assert.equal(findPackage('three', '.', from), url('three/t.js'));
  assert.equal(findPackage('four', '.', from), undefined);
});

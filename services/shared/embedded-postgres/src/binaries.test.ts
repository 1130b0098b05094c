import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreLinks } from './binaries.ts';

test('restores the listed links, once, however many ask at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'binaries-'));
  const root = join(folder, 'native');
  await mkdir(join(root, 'lib'), { recursive: true });
  const link = { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' };
  await writeFile(join(root, 'pg-symlinks.json'), JSON.stringify([link]));

  await Promise.all([restoreLinks(root), restoreLinks(root)]);
  await restoreLinks(root);
  assert.equal(await readlink(join(root, 'lib', 'libpq.so.5')), 'libpq.so.5.18');
  await rm(folder, { recursive: true });
});

test('a package without a list of links needs none', async () => {
  await restoreLinks('/nonexistent');
});

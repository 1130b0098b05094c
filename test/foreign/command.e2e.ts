import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ForeignProject } from './project.ts';
import { tarballs } from './tarballs.ts';

test('the packed command writes the dashboards that its package brought along', async () => {
  await using project = await ForeignProject.create({ node: 22, packages: [...tarballs.values()] });
  const { code, stderr } = await project.run([
    ...['node_modules/.bin/breakwater', 'dashboards'],
    ...['--out', 'observability'],
  ]);
  assert.equal(code, 0, stderr);
  const page = readFileSync(join(project.folder, 'observability/README.md'), 'utf8');
  assert.match(page, /Grafana/);
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseComposeFile } from './compose-file.ts';
import { ContainerRoot } from './container-root.ts';
import { StackPaths } from './stack-paths.ts';

const FILE = `
services:
  a:
    image: a:1
    volumes: ['./etc/a.yaml:/etc/a/a.yaml:ro', './targets:/etc/a/targets:ro', 'data:/tmp', 'logs:/var/log/a']
volumes:
  data:
  logs: { x-native: logs/services }
`;

let folder: string;
let root: ContainerRoot;
let local: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'container-root-'));
  const file = parseComposeFile(join(folder, 'c.yml'), FILE, () => ({}));
  const entry = file.entries.get('a');
  assert.ok(entry);
  const paths = new StackPaths(folder);
  root = new ContainerRoot(entry, file, paths, new Map([['./targets', paths.targets]]));
  local = join(folder, '.stack', 'root', 'a');
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'etc', 'a.yaml'), 'a: 1');
});
after(() => rm(folder, { recursive: true, force: true }));

test('mounts stand where they stand in the container, however often they are made', async () => {
  root.create();
  root.create();
  assert.equal(await readFile(join(local, 'etc/a/a.yaml'), 'utf8'), 'a: 1');
  assert.equal(
    await realpath(join(local, 'tmp')),
    join(await realpath(folder), '.stack/data/data'),
  );
  assert.match(await realpath(join(local, 'var/log/a')), /\.stack\/logs\/services$/);
});

test('what a volume holds stays', async () => {
  await writeFile(join(local, 'tmp', 'kept'), 'yes');
  root.create();
  assert.equal(await readFile(join(local, 'tmp', 'kept'), 'utf8'), 'yes');
});

test('a source can be stood in for', async () => {
  await mkdir(join(folder, '.stack', 'targets'), { recursive: true });
  assert.match(await realpath(join(local, 'etc/a/targets')), /\.stack\/targets$/);
});

test('only mounted paths, and only whole ones, are made local', () => {
  const localised: Record<string, string> = {
    '--config=/etc/a/a.yaml': `--config=${local}/etc/a/a.yaml`,
    '/tmp': `${local}/tmp`,
    '/tmp/keys:/tmp/values': `${local}/tmp/keys:${local}/tmp/values`,
    '/tmpfs': '/tmpfs',
    '/etc/a/a.yaml.old': '/etc/a/a.yaml.old',
    'http://b:80/tmp': 'http://b:80/tmp',
    '/etc/passwd': '/etc/passwd',
  };
  for (const [given, expected] of Object.entries(localised)) {
    assert.equal(root.localise(given), expected);
  }
});

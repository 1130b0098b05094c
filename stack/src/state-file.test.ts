import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { identify } from './process-identity.ts';
import { livingProcesses, type StackState, StateFile } from './state-file.ts';

const self = identify(process.pid);
assert.ok(self);
const process_ = {
  name: 'loki',
  isService: false,
  status: 'ready',
  ports: [3100],
  log: 'loki.log',
} as const;
const state: StackState = {
  supervisor: self,
  phase: 'ready',
  backends: 'native',
  processes: [],
  skipped: [],
  variables: {},
};

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-file-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('only the first run claims it, until it is removed', async () => {
  const file = new StateFile(join(folder, '.stack', 'state.json'));
  assert.equal(file.read(), undefined);
  assert.equal(file.claim(state), true);
  assert.equal(file.claim({ ...state, phase: 'starting' }), false);
  assert.deepEqual(file.read(), state);
  assert.equal((await stat(file.path)).mode & 0o077, 0);
  file.remove();
  assert.equal(file.claim(state), true);
});

test('a later write replaces it whole', () => {
  const file = new StateFile(join(folder, 'later.json'));
  file.claim(state);
  file.write({ ...state, phase: 'stopping' });
  assert.equal(file.read()?.phase, 'stopping');
});

test('a broken file is no state', async () => {
  const path = join(folder, 'broken.json');
  await writeFile(path, '{"supervisor":');
  assert.equal(new StateFile(path).read(), undefined);
});

test('a process lives only as long as the pid is still its own', () => {
  const other = { pid: self.pid, startedAt: 'before the last boot' };
  const processes = [
    { ...process_, process: self },
    { ...process_, name: 'reused', process: other },
    { ...process_, name: 'stopped' },
  ];
  const living = livingProcesses({ ...state, processes });
  assert.deepEqual(
    living.map(({ name }) => name),
    ['loki'],
  );
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describeFileError } from './errors.ts';

const STACK = fileURLToPath(new URL('..', import.meta.url));

function run(command: string, args: readonly string[], cwd = STACK) {
  return new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(command, args, { cwd }, (error, _, stderr) => {
      resolve({ code: error ? error.code : 0, stderr });
    });
  });
}
const stack = (...args: string[]) => run(process.execPath, ['src/main.ts', ...args]);

test('a misspelt command is answered with the one that was meant', async () => {
  const { code, stderr } = await stack('strat');
  assert.equal(code, 2);
  assert.match(stderr, /^stack: there is no command "strat"; did you mean "start"\?\nUsage: .*\n/);
});

test('a command that is used wrongly tells its own usage, and no other', async () => {
  const { code, stderr } = await stack('restart');
  assert.equal(code, 2);
  assert.match(stderr, /\nUsage: npm run stack -- restart NAME\n$/);
  assert.doesNotMatch(stderr, /explain/);
});

test('a misspelt component is answered with the one that was meant', async () => {
  const { code, stderr } = await run(process.execPath, ['src/install.ts', 'promtheus']);
  assert.equal(code, 2);
  assert.match(stderr, /there is no component "promtheus"; did you mean "prometheus"\?/);
});

test('before npm ci, one sentence says so', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'not-installed-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'stack'));
  await cp(join(STACK, 'run.sh'), join(folder, 'stack/run.sh'));
  const { code, stderr } = await run('sh', ['stack/run.sh', 'main', 'start'], folder);
  assert.equal(code, 1);
  assert.match(stderr, /^Nothing is installed here yet\. Run "npm ci" first[^\n]*\n$/);
});

test('a folder that cannot be written to is one sentence with its path', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'not-writable-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'docker-compose.yml');
  await writeFile(file, 'services: { a: { build: ., command: node -v } }');
  // A file where the folder would be: nobody, not even root, can write below it.
  await writeFile(join(folder, '.stack'), '');
  const { code, stderr } = await stack('start', '--file', file);
  assert.equal(code, 1);
  assert.match(stderr, /^stack: .*\.stack.* is in the way/);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test('what the file system refuses is told by what to do; a bug stays one', () => {
  const error = (code: string) => Object.assign(new Error(code), { code, path: '/srv/x/.stack' });
  assert.match(describeFileError(error('EROFS')) ?? '', /^\/srv\/x\/\.stack cannot be written to/);
  assert.match(describeFileError(error('EACCES')) ?? '', /this user may not/);
  assert.match(describeFileError(error('ENOSPC')) ?? '', /the disk is full/);
  assert.equal(describeFileError(error('EBADF')), undefined);
  assert.equal(describeFileError(new TypeError('x')), undefined);
});

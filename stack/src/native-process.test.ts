import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, NativeProcess } from './native-process.ts';
import { identify, isAlive, signalGroup } from './process-identity.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-process-'));
});
const started: NativeProcess[] = [];
after(async () => {
  for (const child of started) child.signal('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts a small program and waits until its log holds `until`. */
async function start(name: string, source: string, until?: string) {
  const log = join(folder, `${name}.log`);
  const child = await NativeProcess.start(
    {
      command: process.execPath,
      args: ['-e', source],
      environment: { PATH: process.env.PATH ?? '' },
      cwd: folder,
    },
    log,
  );
  started.push(child);
  for (const end = Date.now() + 10_000; until; await delay(20)) {
    if (lastLines(log, 100).includes(until)) break;
    assert.ok(Date.now() < end, `"${until}" never appeared in ${lastLines(log)}`);
  }
  return { child, log };
}

const FOREVER = 'setInterval(() => {}, 1000);';

test('an end by itself is told with its code, and both outputs are in the log', async () => {
  const { child, log } = await start(
    'ends',
    `console.log('out'); console.error('err'); process.exitCode = 3;`,
  );
  assert.equal(await child.exited, 'exit code 3');
  assert.equal(child.running, false);
  assert.equal(await readFile(log, 'utf8'), 'out\nerr\n');
});

test('a program that does not exist is an error that names it', async () => {
  const what = { command: '/no/such', args: [], environment: {}, cwd: folder };
  await assert.rejects(
    NativeProcess.start(what, join(folder, 'none.log')),
    /\/no\/such cannot be run/,
  );
});

test('a polite process is stopped by the signal alone', async () => {
  const { child, log } = await start(
    'polite',
    `process.on('SIGINT', () => { console.log('bye'); process.exit(0); }); console.log('up'); ${FOREVER}`,
    'up',
  );
  await child.stop('SIGINT', 10_000);
  assert.equal(await child.exited, 'exit code 0');
  assert.equal(lastLines(log), 'up\nbye');
});

test('a deaf process is killed after its grace', async () => {
  const { child } = await start(
    'deaf',
    `process.on('SIGTERM', () => {}); console.log('up'); ${FOREVER}`,
    'up',
  );
  await child.stop('SIGTERM', 50);
  assert.equal(await child.exited, 'SIGKILL');
});

test('what a process has started ends with it, however it ends', async () => {
  const source = `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', '${FOREVER}']);
    console.log('child ' + pid); ${FOREVER}`;
  const { child, log } = await start('parent', source, 'child');
  const grandchild = identify(Number(lastLines(log).split(' ')[1]));
  assert.ok(grandchild && isAlive(grandchild));
  process.kill(child.identity.pid, 'SIGKILL');
  await child.exited;
  for (const end = Date.now() + 5000; isAlive(grandchild); await delay(20)) {
    assert.ok(Date.now() < end, 'the grandchild still runs');
  }
});

test('a pid is not signalled when it belongs to a later process', async () => {
  const { child } = await start('reused', `console.log('up'); ${FOREVER}`, 'up');
  const earlier = { pid: child.identity.pid, startedAt: 'an earlier time' };
  assert.equal(isAlive(earlier), false);
  assert.equal(signalGroup(earlier, 'SIGKILL'), false);
  assert.ok(isAlive(child.identity));
  assert.equal(signalGroup(child.identity, 'SIGKILL'), true);
  await child.exited;
  assert.equal(signalGroup(child.identity, 'SIGKILL'), false);
});

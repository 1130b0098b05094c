import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asServerUser, serverUser } from './server-user.ts';

const user = { name: 'postgres', uid: 70, gid: 71 };
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-user-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function passwd(...names: string[]): Promise<string> {
  const path = join(folder, 'passwd');
  await writeFile(path, names.map((name, i) => `${name}:x:${i}:${i + 10}::/:/bin/sh\n`).join(''));
  return path;
}

test('anybody but root runs the server as themselves', async () => {
  assert.equal(await serverUser(1000, await passwd('root', 'postgres')), undefined);
});

test('root hands the server to postgres, or else to nobody', async () => {
  const both = await serverUser(0, await passwd('root', 'nobody', 'postgres'));
  assert.deepEqual(both, { name: 'postgres', uid: 2, gid: 12 });
  assert.equal((await serverUser(0, await passwd('root', 'nobody')))?.name, 'nobody');
  await assert.rejects(serverUser(0, await passwd('root')), /refuses to run as root/);
});

test('a reachable command is run as the user, directly', async () => {
  await chmod(folder, 0o755);
  const command = await asServerUser(user, ['/usr/bin/env', 'x'], [join(folder, 'data')]);
  assert.deepEqual(command, { command: '/usr/bin/env', args: ['x'], uid: 70, gid: 71 });
});

test('a private folder on the way is passed through with setpriv', async () => {
  await chmod(folder, 0o700);
  const { command, args, uid } = await asServerUser(user, ['/usr/bin/env'], [join(folder, 'data')]);
  assert.equal(command, 'setpriv');
  assert.equal(uid, undefined);
  assert.deepEqual(args.slice(0, 2), ['--reuid=70', '--regid=71']);
  assert.equal(args.at(-1), '/usr/bin/env');
});

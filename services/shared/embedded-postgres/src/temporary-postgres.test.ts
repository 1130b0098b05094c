import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { temporaryPostgres } from './temporary-postgres.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Settles when nothing listens on the port any more; fails after ten seconds. */
async function closed(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await delay(50)) {
    const socket = createConnection(port, '127.0.0.1');
    const refused = await once(socket, 'connect').then(
      () => false,
      () => true,
    );
    socket.destroy();
    if (refused) return;
  }
  assert.fail(`port ${port} is still open`);
}

test('two callers in one process share a server and not a database', async () => {
  const [first, second] = await Promise.all([temporaryPostgres(), temporaryPostgres()]);
  assert.equal(new URL(first.url).port, new URL(second.url).port);
  await query(first.url, 'CREATE TABLE only_here (id int)');
  assert.deepEqual(await query(first.url, 'SELECT id FROM only_here'), []);
  await assert.rejects(query(second.url, 'SELECT id FROM only_here'), { code: '42P01' });

  await first.stop();
  await first.stop();
  assert.deepEqual(await query(second.url, 'SELECT 1 AS one'), [{ one: 1 }]);
  await second.stop();
  await assert.rejects(query(second.url, 'SELECT 1'), { code: 'ECONNREFUSED' });
});

test('text sorts by code point, so that tests agree on every machine', async () => {
  const postgres = await temporaryPostgres();
  const rows = await query(
    postgres.url,
    `SELECT string_agg(v, '' ORDER BY v) AS sorted FROM (VALUES ('b'), ('B'), ('a'), ('é')) AS t (v)`,
  );
  assert.deepEqual(rows, [{ sorted: 'Babé' }]);
  await postgres.stop();
});

for (const [ending, code] of [
  ['a process that is killed', 'setInterval(() => {}, 1000);'],
  ['a process that forgets to stop it', ''],
]) {
  test(`the server does not outlive ${ending}`, async () => {
    const module = new URL('./index.ts', import.meta.url).href;
    const source = `import { temporaryPostgres } from '${module}';
      const { url } = await temporaryPostgres();
      console.log(new URL(url).port);
      ${code}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    if (code) child.kill('SIGKILL');
    await once(child, 'exit');
    await closed(Number(port));
  });
}

test('a data directory that only its owner may enter works, also as root', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'private-'));
  const before = process.env.TMPDIR;
  await chmod(folder, 0o700);
  process.env.TMPDIR = folder;
  try {
    const postgres = await temporaryPostgres();
    assert.deepEqual(await query(postgres.url, 'SELECT 1 AS one'), [{ one: 1 }]);
    await postgres.stop();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(folder, { recursive: true, force: true });
  }
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { initialiseCluster } from './cluster.ts';
import { ensureRoles } from './roles.ts';
import { launch, temporaryPostgres } from './temporary-postgres.ts';

async function query(connection: string | pg.ClientConfig, sql: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a role has its own database, and of the others neither tables nor a connection', async (t) => {
  const postgres = await temporaryPostgres();
  t.after(() => postgres.stop());
  const payments = await postgres.database('payments');
  const orders = await postgres.database('orders');
  assert.equal(await postgres.database('orders'), orders);
  await query(payments, 'CREATE TABLE payments (id int)');
  await query(orders, 'CREATE SCHEMA jobs; CREATE TABLE jobs.orders (id int)');

  const elsewhere = orders.replace(/orders$/, 'payments');
  await assert.rejects(query(elsewhere, 'SELECT id FROM payments'), { code: '42501' });
  for (const refused of [
    'CREATE DATABASE mine',
    'CREATE ROLE mine',
    "ALTER ROLE payments PASSWORD 'x'",
    'SET ROLE payments',
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
  ]) {
    await assert.rejects(query(orders, refused), { code: '42501' }, refused);
  }
  // Even where it can connect: the superuser lets it in, and the table stays the other's.
  await query(postgres.superuserUrl, 'GRANT CONNECT ON DATABASE payments TO orders');
  await assert.rejects(query(elsewhere, 'SELECT id FROM payments'), { code: '42501' });
});

test('passwords of any characters open their own door, and are changed before a start', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'roles-'));
  const SIGNS = `p@ss/w:rd?#[]% a'b"c\\d$e\`f;--$$ {é✓}`;
  const superuser = `${SIGNS}!`;
  await initialiseCluster(dataDir, { durable: false, password: superuser });
  const roles = (password: string) => [
    { name: 'orders', password },
    { name: 'pay"ments', password: 'other' },
  ];
  await ensureRoles(dataDir, { password: superuser, roles: roles('first') });
  await ensureRoles(dataDir, { password: superuser, roles: roles(SIGNS) });
  await ensureRoles(dataDir, { password: superuser, roles: roles(SIGNS) });
  const server = await launch(dataDir);
  t.after(() => server.stop());
  const { port } = server;
  const as = (user: string, password: string, database = user) =>
    query({ host: '127.0.0.1', port, user, password, database }, 'SELECT current_user AS me');
  assert.deepEqual(await as('orders', SIGNS), [{ me: 'orders' }]);
  assert.deepEqual(await as('postgres', superuser), [{ me: 'postgres' }]);
  assert.deepEqual(await as('pay"ments', 'other'), [{ me: 'pay"ments' }]);
  await assert.rejects(as('orders', 'first'), { code: '28P01' });
  await assert.rejects(as('orders', SIGNS, 'pay"ments'), { code: '42501' });
});

test('a password that no server could be told is refused', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'roles-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const roles = [{ name: 'orders', password: 'two\nlines' }];
  await assert.rejects(ensureRoles(dataDir, { roles }), {
    message: 'the password of orders has a line break in it',
  });
});

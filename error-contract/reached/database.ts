/**
 * What a service answers when its database is away, or not as it left it.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@breakwater/testing';
import pg from 'pg';
import { closedCircuits, expect, fleet, order, witness } from './scene.ts';

/** Every operation that cannot do without the database of its service, or of a peer's. */
const NEED_DATABASE: [service: string, method: string, path: string, options?: object][] = [
  ['catalog', 'GET', '/items'],
  ['catalog', 'GET', '/items/item1'],
  ['catalog', 'GET', '/reservations/r-2'],
  ['catalog', 'DELETE', '/reservations/r-2?attempt=9'],
  [
    'catalog',
    'POST',
    '/reservations',
    { body: { order_id: 'd-1', item_id: 'item1', quantity: 1, attempt: 1 } },
  ],
  ['orders', 'GET', '/orders'],
  ['orders', 'GET', '/orders/none'],
  ['orders', 'POST', '/orders', order('item1')],
  ['payments', 'GET', '/payments/none'],
  [
    'payments',
    'POST',
    '/payments',
    { body: { order_id: 'd-1', amount_cents: 5, currency: 'EUR' } },
  ],
  ['unstable', 'GET', '/charges?reference=x'],
  ['unstable', 'GET', '/charges/none'],
  ['users', 'GET', '/users/none'],
  ['users', 'POST', '/users', { body: { email: 'down@example.org', name: 'D' } }],
  ['users', 'PATCH', '/users/none', { body: { name: 'D' } }],
  ['users', 'DELETE', '/users/none'],
  ['gateway', 'GET', '/items/item1'],
  ['gateway', 'GET', '/orders/none'],
  ['gateway', 'GET', '/users/none'],
  ['gateway', 'POST', '/orders', order('item1')],
  ['gateway', 'POST', '/users', { body: { email: 'down@example.org', name: 'D' } }],
];

test('PostgreSQL stops: 503 with Retry-After in under 2 s, and recovers by itself', async () => {
  await closedCircuits();
  await fleet.postgres.stop();
  await witness.step('PostgreSQL is stopped', async () => {
    for (const [service, method, path, options] of NEED_DATABASE) {
      const began = performance.now();
      const { status, headers, body } = await witness.ask(service, method, path, options);
      const what = `${service} ${method} ${path}: ${JSON.stringify(body)}`;
      assert.equal(status, 503, what);
      assert.ok(headers.get('retry-after'), what);
      assert.ok(performance.now() - began < 2_000, `${what} took too long`);
      assert.equal((await fleet.ask(service)('GET', '/healthz')).status, 200, 'still alive');
    }
  });
  await fleet.postgres.start();
  for (const [service, method, path, options] of NEED_DATABASE) {
    await eventually(async () => {
      const { status, body } = await fleet.ask(service)(method, path, options);
      assert.ok(status < 500, `${service} ${method} ${path}: ${JSON.stringify(body)}`);
    });
  }
});

/** Runs statements in the database of a service. */
async function sql(service: string, statement: string): Promise<void> {
  const url = new URL(`/${service}`, fleet.postgres.url).href;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

test('a lock that is held longer than a statement may take', async () => {
  await closedCircuits();
  const held: [service: string, table: string, path: string][] = [
    ['catalog', 'items', '/items/item1'],
    ['orders', 'orders', '/orders/none'],
    ['payments', 'payments', '/payments/none'],
    ['unstable', 'charges', '/charges/none'],
    ['users', 'users', '/users/none'],
  ];
  for (const [service, table, path] of held) {
    const url = new URL(`/${service}`, fleet.postgres.url).href;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`BEGIN; LOCK TABLE ${table}`);
    await expect('a lock that is held', service, ['GET', path], 504, 'DATABASE_TIMEOUT');
    await client.end();
  }
});

test('a table that is gone, and data that nobody expects', async () => {
  await closedCircuits();
  const tables: [service: string, table: string, method: string, path: string][] = [
    ['catalog', 'items', 'GET', '/items/item1'],
    ['orders', 'orders', 'GET', '/orders/none'],
    ['payments', 'payments', 'GET', '/payments/none'],
    ['unstable', 'charges', 'GET', '/charges/none'],
    ['users', 'users', 'GET', '/users/none'],
  ];
  for (const [service, table, method, path] of tables) {
    await sql(service, `ALTER TABLE ${table} RENAME TO ${table}_gone`);
    await expect('a table that is gone', service, [method, path], 500, 'DATABASE_ERROR');
    if (service !== 'payments' && service !== 'unstable') {
      await expect('a table that is gone', 'gateway', [method, path], 502, 'BAD_GATEWAY');
    }
    await sql(service, `ALTER TABLE ${table}_gone RENAME TO ${table}`);
  }
  const { body: user } = await fleet.ask('users')('POST', '/users', {
    body: { email: 'bug@example.org', name: 'Bug' },
  });
  const { body: bought } = await fleet.ask('orders')('POST', '/orders', order('item1'));
  const spoilt: [service: string, table: string, path: string][] = [
    ['users', 'users', `/users/${user.id}`],
    ['orders', 'orders', `/orders/${bought.id}`],
  ];
  for (const [service, table, path] of spoilt) {
    await sql(
      service,
      `ALTER TABLE ${table} ALTER created_at DROP DEFAULT, ALTER created_at TYPE text USING 'no date'`,
    );
    await expect('a date that is none', service, ['GET', path], 500, 'INTERNAL_ERROR');
  }
});

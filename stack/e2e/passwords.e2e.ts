import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { TestStack } from './test-stack.ts';

/** What means something to a URL, a shell, YAML, Compose, SQL or an ini file. */
const SIGNS = `@:/?#[]%&=+ '"\\$\${HOST}$$\`;,{}|<>*!~^()é✓`;
/** The same, as far as a header can carry it. */
const TOKEN = SIGNS.replace(/[^\x21-\x7e]/g, '');
const ROLES = ['CATALOG', 'ORDERS', 'PAYMENTS', 'UNSTABLE', 'USERS'];

const PASSWORDS = {
  POSTGRES_PASSWORD: `${SIGNS}superuser`,
  ...Object.fromEntries(ROLES.map((role) => [`${role}_DATABASE_PASSWORD`, `${SIGNS}${role}`])),
};

const stack = new TestStack(
  {},
  { CONTROL_TOKEN: TOKEN, SECURE_DATA_TOKEN: TOKEN, CONSOLE_TOKEN: TOKEN, ...PASSWORDS },
);
before(() => stack.up('--backends', 'embedded'));
after(() => stack.down());

async function placeOrder(): Promise<number> {
  const response = await fetch(`${stack.url('GATEWAY_PORT')}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user1', item_id: 'item1', quantity: 1 }),
  });
  await response.body?.cancel();
  return response.status;
}

test('passwords and tokens of any characters open what they are for', async () => {
  assert.equal(await placeOrder(), 201);
  const secure = await fetch(`${stack.url('GATEWAY_PORT')}/secure_data`, {
    headers: { 'x-token': TOKEN },
  });
  assert.equal(secure.status, 200);
});

test('a role reads no table of another, whoever connects', async () => {
  const as = (user: string, password: string, database: string) =>
    new pg.Client({
      host: '127.0.0.1',
      port: stack.port('POSTGRES_PORT'),
      user,
      password,
      database,
    });
  const refused = as('orders', `${SIGNS}ORDERS`, 'payments');
  await assert.rejects(refused.connect(), { code: '42501' });
  const own = as('orders', `${SIGNS}ORDERS`, 'orders');
  await own.connect();
  assert.deepEqual(
    (await own.query('select rolsuper, rolcreatedb from pg_roles where rolname = current_user'))
      .rows,
    [{ rolsuper: false, rolcreatedb: false }],
  );
  await own.end();
});

test('no password is in the record of the run', () => {
  const state = readFileSync(join(stack.root, '.stack/state.json'), 'utf8');
  for (const secret of Object.values(PASSWORDS)) {
    assert.ok(!state.includes(JSON.stringify(secret).slice(1, -1)));
    assert.ok(!state.includes(encodeURIComponent(secret)));
  }
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TemporaryPostgres, temporaryPostgres } from '@breakwater/embedded-postgres';
import { decodeErrorBody, OverloadedError } from '@breakwater/errors';
import { type Database, openDatabase } from '@breakwater/kit';
import { Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import {
  type PeerServer,
  type Requester,
  requester,
  servePeer,
  testTelemetry,
} from '@breakwater/testing';
import { createApp } from './app.ts';
import { createPeers } from './peers.ts';

let postgres: TemporaryPostgres;
let database: Database;
let orders: PeerServer;
let request: Requester;
/** What orders answers when it is asked for a user's orders. */
let ordersOf: (userId: string) => number;
const { logger, registry, lines } = testTelemetry('users');

before(async () => {
  postgres = await temporaryPostgres();
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  database = await openDatabase({ url: postgres.url, schema: {}, migrations, logger });
  orders = await servePeer('orders');
  orders.app.get('/orders', (c) =>
    c.json({ orders: [], total: ordersOf(c.req.query('user_id') ?? '') }),
  );
  const resilience = new Resilience({ metrics: false });
  const peers = createPeers({ ordersUrl: orders.url }, resilience);
  request = requester(
    createApp({ database, peers, logger, registry, clock: new VirtualClock() }).app,
  );
});

after(async () => {
  await orders.stop();
  await database.close();
  await postgres.stop();
});

const create = (email: string, name = 'Ann') =>
  request('POST', '/users', { body: { email, name } });
const problem = { accept: 'application/problem+json' };

test('a user is created, found, changed and deleted', async () => {
  const { status, headers, body } = await create('ann@example.org', ' Ann ');
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `/users/${body.id}`);
  assert.deepEqual([body.email, body.name], ['ann@example.org', 'Ann']);
  assert.deepEqual((await request('GET', `/users/${body.id}`)).body, body);

  const changed = await request('PATCH', `/users/${body.id}`, { body: { name: 'Anna' } });
  assert.equal(changed.status, 200);
  assert.deepEqual([changed.body.email, changed.body.name], ['ann@example.org', 'Anna']);
  assert.ok(changed.body.updated_at >= body.updated_at);

  ordersOf = () => 0;
  assert.equal((await request('DELETE', `/users/${body.id}`)).status, 204);
  for (const method of ['GET', 'DELETE']) {
    const gone = await request(method, `/users/${body.id}`);
    assert.deepEqual([gone.status, gone.body.error.type], [404, 'NotFoundError']);
  }
});

test('an address that is taken is 400 in the envelope and 409 in a problem', async () => {
  const first = await create('bob@example.org');
  const second = await create('Bob@Example.org');
  assert.equal(second.status, 400);
  assert.deepEqual(second.body, {
    error: {
      message: 'A user with this email already exists.',
      type: 'AlreadyExistsError',
      details: {
        resource: 'user',
        field: 'email',
        value: 'bob@example.org',
        code: 'EMAIL_ALREADY_EXISTS',
      },
    },
  });
  assert.doesNotMatch(JSON.stringify(second.body), /users_email|lower|insert/);

  const body = { email: 'bob@example.org', name: 'B' };
  const asked = await request('POST', '/users', { body, headers: problem });
  assert.deepEqual([asked.status, asked.body.status], [409, 409]);

  const other = await create('bert@example.org');
  const taken = await request('PATCH', `/users/${other.body.id}`, {
    body: { email: 'bob@example.org' },
  });
  assert.deepEqual([taken.status, taken.body.error.type], [400, 'AlreadyExistsError']);
  assert.equal((await request('GET', `/users/${first.body.id}`)).status, 200);
});

test('the same address many times at once makes one user', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => create('crowd@example.org')));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 400).length, 7);
});

test('what is no address is 400, what does not fit the schema 422', async () => {
  for (const email of ['ann', 'ann@', '@example.org', 'a b@example.org', 'ann@example']) {
    const { status, body } = await create(email);
    assert.deepEqual([status, body.error.type], [400, 'InvalidEmailFormatError'], email);
    assert.deepEqual(body.error.details, { email, code: 'INVALID_EMAIL_FORMAT' });
  }
  const { body: user } = await create('carl@example.org');
  const path = `/users/${user.id}`;
  const change = await request('PATCH', path, { body: { email: 'nothing' } });
  assert.equal(change.body.error.details.code, 'INVALID_EMAIL_FORMAT');

  const bad = [{}, { email: 'd@example.org' }, { email: 7, name: 'D' }];
  for (const body of [...bad, { email: 'd@example.org', name: 'D', admin: true }]) {
    assert.equal((await request('POST', '/users', { body })).status, 422, JSON.stringify(body));
  }
  for (const body of [{}, { id: 'mine' }, { name: ' ' }]) {
    assert.equal((await request('PATCH', path, { body })).status, 422, JSON.stringify(body));
  }
  assert.equal((await request('GET', '/users/a%20b')).status, 422);
});

test('a user who has orders stays', async () => {
  const { body: user } = await create('dora@example.org');
  ordersOf = (userId) => (userId === user.id ? 3 : 0);
  const { status, body } = await request('DELETE', `/users/${user.id}`);
  assert.deepEqual([status, body.error.type], [409, 'UserHasOrdersError']);
  assert.deepEqual(body.error.details, {
    user_id: user.id,
    orders: 3,
    code: 'USER_HAS_ORDERS',
  });
  assert.equal((await request('GET', `/users/${user.id}`)).status, 200);
});

test('while orders does not answer, nobody is deleted', async () => {
  const { body: user } = await create('emil@example.org');
  ordersOf = () => {
    throw new OverloadedError('Too much at the host db-7.');
  };
  const { status, headers, body } = await request('DELETE', `/users/${user.id}`);
  assert.equal(status, 503);
  assert.ok(headers.get('retry-after'));
  assert.deepEqual(body.error.details, {
    dependency: 'orders',
    dependency_code: 'OVERLOADED',
    code: 'DEPENDENCY_UNAVAILABLE',
  });
  assert.doesNotMatch(JSON.stringify(body), /db-7/);
  assert.equal((await request('GET', `/users/${user.id}`)).status, 200);
});

test('what the routing answers is typed as an HTTP exception', async () => {
  const missing = await request('GET', '/nowhere');
  assert.deepEqual(missing.body.error, {
    message: 'No operation has this path.',
    type: 'HTTPException',
    details: { code: 'ROUTE_NOT_FOUND' },
  });
  const { body } = await request('PUT', '/users');
  assert.deepEqual(
    [body.error.type, body.error.details.code],
    ['HTTPException', 'METHOD_NOT_ALLOWED'],
  );
});

test('its errors are read back typed from the envelope, and none is undeclared', async () => {
  const { status, headers, body } = await create('bob@example.org');
  const error = decodeErrorBody(status, headers, JSON.stringify(body));
  assert.equal(error?.constructor.name, 'AlreadyExistsError');
  assert.ok(!lines.some(({ error_undeclared }) => error_undeclared));
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  AlreadyExistsError,
  AppError,
  DatabaseUnavailableError,
  DependencyTimeoutError,
  NotFoundError,
} from '@breakwater/errors';
import { Resilience } from '@breakwater/resilience';
import {
  type PeerServer,
  type Requester,
  requester,
  servePeer,
  testTelemetry,
} from '@breakwater/testing';
import { createApp } from './app.ts';
import { createExperiments } from './experiments.ts';
import { createPeers } from './peers.ts';

const ORDER = {
  id: 'order-1',
  user_id: 'user1',
  item_id: 'item1',
  quantity: 1,
  total_cents: 500,
  currency: 'EUR',
  status: 'paid',
  error_code: null,
  created_at: '2026-11-20T12:00:00.000Z',
  updated_at: '2026-11-20T12:00:00.000Z',
};
const USER = {
  id: 'user-1',
  email: '',
  name: 'Ann',
  created_at: '2026-11-20T12:00:00.000Z',
  updated_at: '2026-11-20T12:00:00.000Z',
};
const TOKEN = 'the-right-token';
const BODY = { user_id: 'user1', item_id: 'item1', quantity: 1 };

const NOWHERE = 'http://127.0.0.1:9';
const experiments = createExperiments(NOWHERE, new Resilience({ metrics: false }));

let catalog: PeerServer;
let orders: PeerServer;
let users: PeerServer;
let request: Requester;
/** What reached orders. */
const seen: { headers: Headers; body: unknown }[] = [];
let answer: () => Response;

before(async () => {
  catalog = await servePeer('catalog');
  orders = await servePeer('orders');
  users = await servePeer('users');
  catalog.app.get('/items/:id', (c) => {
    throw new NotFoundError('item', c.req.param('id'));
  });
  users.app.post('/users', async (c) => {
    const { email } = await c.req.json();
    if (email === 'taken@x.org') throw new AlreadyExistsError('user', 'email', email);
    return c.json({ ...USER, email }, 201);
  });
  users.app.get('/users/:id', (c) => {
    throw c.req.param('id') === 'broken'
      ? new DatabaseUnavailableError('pg-7 is down.')
      : new NotFoundError('user', c.req.param('id'));
  });
  orders.app.post('/orders', async (c) => {
    seen.push({ headers: c.req.raw.headers, body: await c.req.json() });
    return answer();
  });
  const peers = createPeers(
    { catalogUrl: catalog.url, ordersUrl: orders.url, usersUrl: users.url },
    new Resilience({ metrics: false }),
  );
  request = requester(
    createApp({ ...testTelemetry('gateway'), peers, experiments, secureDataToken: TOKEN }).app,
  );
});

beforeEach(() => {
  seen.length = 0;
  answer = () => Response.json(ORDER, { status: 201 });
});

after(async () => {
  await catalog.stop();
  await orders.stop();
  await users.stop();
});

test('passes a sound order on, with the client’s key and preference', async () => {
  const headers = { 'idempotency-key': 'my-key', prefer: 'respond-async' };
  const { status, body } = await request('POST', '/orders', { body: BODY, headers });
  assert.equal(status, 201);
  assert.deepEqual(body, ORDER);
  assert.deepEqual(seen[0]?.body, BODY);
  assert.equal(seen[0]?.headers.get('idempotency-key'), 'my-key');
  assert.equal(seen[0]?.headers.get('prefer'), 'respond-async');
  assert.ok(Number(seen[0]?.headers.get('x-deadline-ms')) <= 3_500);
});

test('gives every order without a key one of its own', async () => {
  await request('POST', '/orders', { body: BODY });
  await request('POST', '/orders', { body: BODY });
  const keys = seen.map(({ headers }) => headers.get('idempotency-key'));
  assert.match(keys[0] ?? '', /^[0-9a-f-]{36}$/);
  assert.notEqual(keys[0], keys[1]);
});

test('passes status and headers of the answer back', async () => {
  answer = () =>
    Response.json(ORDER, {
      status: 200,
      headers: { location: '/orders/order-1', 'idempotent-replay': 'true', 'x-internal': 'no' },
    });
  const replay = await request('POST', '/orders', { body: BODY });
  assert.equal(replay.status, 200);
  assert.equal(replay.headers.get('location'), '/orders/order-1');
  assert.equal(replay.headers.get('idempotent-replay'), 'true');
  assert.equal(replay.headers.get('x-internal'), null);

  answer = () => Response.json({ ...ORDER, status: 'payment_pending' }, { status: 202 });
  assert.equal((await request('POST', '/orders', { body: BODY })).status, 202);
});

test('what does not fit the schema never leaves the gateway', async () => {
  const bad = [
    { ...BODY, quantity: 0 },
    { ...BODY, quantity: '1' },
    { ...BODY, user_id: 'a b' },
    { ...BODY, price: 1 },
    {},
  ];
  for (const body of bad) {
    assert.equal((await request('POST', '/orders', { body })).status, 422, JSON.stringify(body));
  }
  assert.equal((await request('GET', '/items?limit=many')).status, 422);
  assert.equal((await request('GET', `/orders/${'x'.repeat(65)}`)).status, 422);
  assert.equal(seen.length, 0);
});

test('keeps the code of an error that is about the client’s own request', async () => {
  const { status, body } = await request('GET', '/items/nothing');
  assert.equal(status, 404);
  assert.equal(body.error_code, 'ITEM_NOT_FOUND');
  assert.equal(body.service_name, 'gateway');
});

test('tells a peer’s own trouble as such, with the order’s id', async () => {
  answer = () => {
    throw new AppError('Whether the order is paid is not known yet.', {
      kind: { ...DependencyTimeoutError.kind, code: 'PAYMENT_PENDING' },
      context: { order_id: 'order-1', secret: 'internal' },
    });
  };
  const { status, body } = await request('POST', '/orders', { body: BODY });
  assert.equal(status, 504);
  assert.equal(body.error_code, 'DEPENDENCY_TIMEOUT');
  assert.equal(body.context.dependency, 'orders');
  assert.equal(body.context.dependency_code, 'PAYMENT_PENDING');
  assert.equal(body.context.order_id, 'order-1');
  assert.equal(body.context.secret, undefined);
});

test('an answer off the contract is 502', async () => {
  answer = () => Response.json({ ...ORDER, status: 'shipped' }, { status: 201 });
  assert.equal((await request('POST', '/orders', { body: BODY })).status, 502);
  answer = () => new Response('<html>', { status: 500 });
  assert.equal((await request('POST', '/orders', { body: BODY })).status, 502);
});

test('is ready while its peers are down, and says which one is', async () => {
  const peers = createPeers(
    { catalogUrl: NOWHERE, ordersUrl: NOWHERE, usersUrl: NOWHERE },
    new Resilience({ metrics: false }),
  );
  const telemetry = testTelemetry('gateway');
  const service = createApp({ ...telemetry, peers, experiments, secureDataToken: TOKEN });
  assert.equal((await requester(service.operations)('GET', '/readyz')).status, 200);
  const alone = requester(service.app);
  const { status, body } = await alone('GET', '/items');
  assert.equal(status, 503);
  assert.equal(body.context.dependency, 'catalog');
});

test('tells the errors of placing an order', async () => {
  const { paths } = (await request('GET', '/openapi.json')).body;
  const { responses } = paths['/orders'].post;
  assert.match(responses['409'].description, /INSUFFICIENT_STOCK.*PAYMENT_DECLINED/);
  assert.match(responses['504'].description, /DEPENDENCY_TIMEOUT/);
});

test('opens accounts through users, and keeps what users says about the address', async () => {
  const create = (email: string) => request('POST', '/users', { body: { email, name: 'Ann' } });
  const created = await create('ann@x.org');
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), '/users/user-1');
  assert.deepEqual(created.body, { ...USER, email: 'ann@x.org' });

  const taken = await create('taken@x.org');
  assert.deepEqual([taken.status, taken.body.error_code], [409, 'EMAIL_ALREADY_EXISTS']);
  assert.equal(taken.body.service_name, 'gateway');
  assert.equal((await create('')).status, 422);

  const missing = await request('GET', '/users/nobody');
  assert.deepEqual([missing.status, missing.body.error_code], [404, 'USER_NOT_FOUND']);
  const broken = await request('GET', '/users/broken');
  assert.deepEqual([broken.status, broken.body.error_code], [503, 'DEPENDENCY_UNAVAILABLE']);
  assert.deepEqual(broken.body.context, {
    dependency: 'users',
    dependency_code: 'DATABASE_UNAVAILABLE',
  });
  assert.doesNotMatch(JSON.stringify(broken.body), /pg-7/);
});

test('shows secure data to those who know the token, and tells others how to ask', async () => {
  const ask = (headers: Record<string, string>) => request('GET', '/secure_data', { headers });
  assert.equal((await ask({ 'x-token': TOKEN })).status, 200);
  for (const headers of [{}, { 'x-token': 'wrong' }, { authorization: `Bearer ${TOKEN}` }]) {
    const { status, body, headers: answered } = await ask(headers as Record<string, string>);
    assert.deepEqual([status, body.error_code], [401, 'AUTHENTICATION_REQUIRED']);
    assert.equal(answered.get('www-authenticate'), 'X-Token realm="secure_data"');
    assert.doesNotMatch(JSON.stringify(body), new RegExp(TOKEN));
  }
  const { components, paths } = (await request('GET', '/openapi.json')).body;
  assert.deepEqual(components.securitySchemes.token, {
    type: 'apiKey',
    in: 'header',
    name: 'X-Token',
  });
  assert.ok(paths['/secure_data'].get.responses['401']);
});

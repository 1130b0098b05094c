import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testService } from '../test-service.ts';
import type { Clock } from './clock.ts';
import { ServiceFaults } from './service-faults.ts';

const controlToken = 'test-control-token';
const headers = { authorization: `Bearer ${controlToken}` };

/** A service with a route to strike, whose time stands still and whose chance is a list. */
function faultyService(chances: number[] = [0]) {
  const slept: number[] = [];
  let woken = () => {};
  const clock: Clock = {
    now: () => Date.UTC(2026, 0, 1),
    // Leases never end; delays are over at once, and noted.
    sleep: (ms) => {
      if (ms > 900) return new Promise((resolve) => (woken = resolve));
      slept.push(ms);
      return Promise.resolve();
    },
  };
  let turn = 0;
  const random = () => chances[turn++ % chances.length] ?? 0;
  const made = testService({ faults: new ServiceFaults({ clock, random }), controlToken });
  made.service.app.post('/users', (c) => c.json({ id: 1 }, 201));
  made.service.app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }));
  const put = (body: object, path = '/faults') => made.operate('PUT', path, { body, headers });
  return { ...made, put, slept, endLease: () => woken() };
}

test('the routes are not there unless they are switched on', async (t) => {
  const { operate } = testService({ controlToken });
  assert.equal((await operate('GET', '/faults', { headers })).status, 404);
  assert.ok(!('/faults' in (await operate('GET', '/openapi.json')).body.paths));
  process.env.FAULT_INJECTION = 'on';
  t.after(() => delete process.env.FAULT_INJECTION);
  assert.equal(
    (await testService({ controlToken }).operate('GET', '/faults', { headers })).status,
    200,
  );
  process.env.FAULT_INJECTION = 'yes';
  assert.throws(() => testService({ controlToken }), /FAULT_INJECTION=yes is not on or off/);
});

test('they want the control token', async () => {
  const { operate } = faultyService();
  assert.equal((await operate('GET', '/faults')).status, 401);
  assert.equal((await operate('PUT', '/faults', { body: {} })).status, 401);
  assert.equal((await operate('DELETE', '/faults')).status, 401);
});

test('a share of the requests to a route ends in an exception, as a bug would', async () => {
  const { request, operate, put, lines } = faultyService([0.05, 0.5]);
  const fault = { route: 'POST /users', kind: 'exception', error: 'ValueError', rate: 0.1 };
  assert.equal((await put(fault)).status, 200);
  const struck = await request('POST', '/users');
  assert.equal(struck.status, 500);
  assert.equal(struck.body.error_code, 'INTERNAL_ERROR');
  assert.doesNotMatch(JSON.stringify(struck.body), /ValueError|asked for/);
  const told = lines.find((line) => line.level === 'error');
  assert.match(JSON.stringify(told), /ValueError/);
  assert.equal((await request('POST', '/users')).status, 201);
  const { faults } = (await operate('GET', '/faults', { headers })).body;
  assert.deepEqual([faults[0].requests, faults[0].hits], [2, 1]);
});

test('latency delays a route by its template, and no other', async () => {
  const { request, put, slept } = faultyService();
  await put({ route: 'GET /users/{id}', kind: 'latency', latency_ms: 700 });
  assert.equal((await request('GET', '/users/7')).status, 200);
  assert.deepEqual(slept, [700]);
  await request('POST', '/users');
  assert.deepEqual(slept, [700]);
});

test('a fault ends by id, with all others, and with its lease', async () => {
  const { request, operate, put, endLease } = faultyService();
  const fault = { route: 'POST /users', kind: 'exception' };
  const { id } = (await put(fault)).body;
  assert.equal((await put({ for_s: 90 }, `/faults/${id}`)).status, 200);
  assert.equal((await operate('DELETE', `/faults/${id}`, { headers })).status, 204);
  assert.equal((await put({ for_s: 90 }, `/faults/${id}`)).status, 404);
  assert.equal((await request('POST', '/users')).status, 201);
  await put(fault);
  assert.equal((await operate('DELETE', '/faults', { headers })).status, 204);
  assert.equal((await request('POST', '/users')).status, 201);
  endLease();
});

test('a fault that could do nothing is refused', async () => {
  const { put } = faultyService();
  assert.equal((await put({ route: 'POST /nowhere', kind: 'exception' })).status, 400);
  assert.equal((await put({ route: 'POST /users', kind: 'hang' })).status, 422);
  assert.equal((await put({ route: '/users', kind: 'latency' })).status, 422);
});

test('a fault strikes the route whose handler is due, HEAD as GET', async () => {
  const faults = new ServiceFaults();
  const { service, operate } = testService({ faults, controlToken: 't' });
  service.app.get('/items/search', (c) => c.json('search'));
  service.app.get('/items/:id', (c) => c.json('item'));
  const set = await operate('PUT', '/faults', {
    headers: { authorization: 'Bearer t' },
    body: { route: 'GET /items/{id}', kind: 'exception' },
  });
  assert.equal(set.status, 200);
  const status = async (method: string, path: string) =>
    (await service.app.request(path, { method })).status;
  assert.equal(await status('GET', '/items/search'), 200);
  assert.equal(await status('GET', '/items/7'), 500);
  assert.equal(await status('HEAD', '/items/7'), 500);
  await operate('DELETE', '/faults', { headers: { authorization: 'Bearer t' } });
});

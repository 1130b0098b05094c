import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { type Fault, faultRequest } from '../fault.ts';
import { CONTROL_TOKEN, startTestApp, type TestApp } from '../test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
afterEach(() => app.faults.clear());
after(() => app.stop());

const authorization = `Bearer ${CONTROL_TOKEN}`;

function put(body: unknown, headers: Record<string, string> = { authorization }) {
  return app.operate('/faults', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function list(): Promise<Fault[]> {
  const response = await app.operate('/faults', { headers: { authorization } });
  return ((await response.json()) as { faults: Fault[] }).faults;
}

function end(path: string): Promise<Response> {
  return app.operate(path, { method: 'DELETE', headers: { authorization } });
}

/** Every field the endpoint knows, as documentation shows it. */
const full = {
  route: 'POST /charges',
  kind: 'status',
  status: 503,
  latency_ms: 800,
  rate: 0.5,
  for_s: 60,
  seed: 1,
};

test('control endpoints want the token', async () => {
  const { id } = (await (await put(full)).json()) as Fault;
  const wrong = { authorization: 'Bearer wrong' };
  assert.equal((await put(full, {})).status, 401);
  assert.equal((await put(full, wrong)).status, 401);
  assert.equal((await app.operate('/faults')).status, 401);
  assert.equal((await app.operate('/faults', { method: 'DELETE' })).status, 401);
  const one = await app.operate(`/faults/${id}`, { method: 'DELETE', headers: wrong });
  assert.equal(one.status, 401);
  assert.match(one.headers.get('www-authenticate') ?? '', /^Bearer/);
  assert.equal((await list()).length, 1, 'and nothing changed');
});

test('a fault is set, shown and ended', async () => {
  const response = await put(full);
  assert.equal(response.status, 200);
  const { id, ...fault } = (await response.json()) as Fault;
  assert.deepEqual(fault, {
    route: 'POST /charges',
    kind: 'status',
    when: 'before',
    status: 503,
    rate: 0.5,
    seed: 1,
    expires_at: '2026-01-01T00:01:00.000Z',
    requests: 0,
    hits: 0,
  });
  assert.deepEqual(await list(), [{ id, ...fault }]);
  assert.equal((await end(`/faults/${id}`)).status, 204);
  assert.equal((await end(`/faults/${id}`)).status, 404);
  assert.deepEqual(await list(), []);
});

test('a fault is renewed by its id, and by it only', async () => {
  const { id } = (await (await put(full)).json()) as Fault;
  const renew = (path: string, body: object) =>
    app.operate(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    });
  const renewed = (await (await renew(`/faults/${id}`, { for_s: 120 })).json()) as Fault;
  assert.equal(Date.parse(renewed.expires_at) - app.clock.now(), 120_000);
  assert.equal((await list()).length, 1);
  assert.equal((await renew(`/faults/${id}`, { for_s: 0 })).status, 422);
  assert.equal((await renew('/faults/nobody', { for_s: 120 })).status, 404);
});

test('all faults end at once', async () => {
  await put(full);
  await put({ route: 'GET /unstable', kind: 'latency' });
  assert.equal((await list()).length, 2);
  assert.equal((await end('/faults')).status, 204);
  assert.deepEqual(await list(), []);
});

test('faults can be ended while requests that they hold fill the service', async (t) => {
  const full = await startTestApp(1);
  t.after(() => full.stop());
  full.faults.add(faultRequest.parse({ route: 'GET /unstable', kind: 'hang' }));
  const held = fetch(`${full.url}/unstable?seed=2`);
  await eventually(async () => assert.equal(full.faults.list()[0]?.hits, 1));
  assert.equal((await fetch(`${full.url}/unstable`)).status, 503);
  const ended = await full.operate('/faults', {
    method: 'DELETE',
    headers: { authorization },
  });
  assert.equal(ended.status, 204);
  assert.equal((await held).status, 200);
});

test('the shortest request gets the defaults', async () => {
  const fault = (await (await put({ route: 'POST /charges', kind: 'latency' })).json()) as Fault;
  assert.equal(fault.latency_ms, 800);
  assert.equal(fault.rate, 1);
  assert.equal(fault.expires_at, '2026-01-01T00:01:00.000Z');
});

test('a fault that could do nothing, or more than it should, is refused', async () => {
  const refused = [
    { ...full, route: 'POST /nowhere' },
    { ...full, kind: 'explode' },
    { ...full, status: 200 },
    { ...full, status: 409 },
    { ...full, rate: 1.1 },
    { ...full, for_s: 3_601 },
    { ...full, latency_ms: 0 },
    { ...full, rote: 0.5 },
    { ...full, when: 'after' },
  ];
  for (const body of refused) assert.equal((await put(body)).status, 422, JSON.stringify(body));
  assert.deepEqual(await list(), []);
});

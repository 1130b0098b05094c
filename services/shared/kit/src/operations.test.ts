import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/resilience/testing';
import { ServiceFaults } from './faults/service-faults.ts';
import { testService } from './test-service.ts';

const PATHS = ['/metrics', '/readyz', '/errors', '/breakers', '/faults'];

test('the public app has nothing that tells about the service or steers it', async () => {
  const { request } = testService({ faults: new ServiceFaults() });
  for (const path of PATHS) assert.equal((await request('GET', path)).status, 404, path);
  assert.equal((await request('POST', '/breakers/x/isolate', { body: {} })).status, 404);
  const { paths } = (await request('GET', '/openapi.json')).body;
  assert.deepEqual(Object.keys(paths), []);
  assert.equal((await request('GET', '/healthz')).status, 200);
});

test('the operational app has all of it, under the names it is known by', async () => {
  const { operate, service } = testService({
    faults: new ServiceFaults(),
    controlToken: 'secret',
    allowedHosts: ['catalog'],
  });
  const headers = { authorization: 'Bearer secret' };
  for (const host of ['127.0.0.1:18081', 'localhost:18081', '[::1]:18081', 'Catalog:18081']) {
    for (const path of PATHS) {
      const response = await service.operations.request(path, { headers: { ...headers, host } });
      assert.equal(response.status, 200, `${host} ${path}`);
    }
  }
  const { paths } = (await operate('GET', '/openapi.json')).body;
  assert.deepEqual(Object.keys(paths).sort(), [
    '/breakers',
    '/breakers/{name}/isolate',
    '/breakers/{name}/release',
    '/faults',
    '/faults/{id}',
  ]);
});

test('no page reaches it, whatever its name resolves to and whichever token it knows', async () => {
  const { operate, lines } = testService({ faults: new ServiceFaults(), controlToken: 'secret' });
  const authorization = 'Bearer secret';
  const refused: [string, Record<string, string>][] = [
    ['FOREIGN_HOST', { host: 'attacker.example:18083' }],
    ['FOREIGN_HOST', { host: 'attacker.example:18083', origin: 'http://attacker.example:18083' }],
    ['FOREIGN_HOST', { host: '127.0.0.1.attacker.example' }],
    ['FOREIGN_ORIGIN', { origin: 'http://attacker.example' }],
    ['FOREIGN_ORIGIN', { origin: 'null' }],
    ['FOREIGN_ORIGIN', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ];
  for (const [code, headers] of refused) {
    for (const path of [...PATHS, '/healthz', '/openapi.json', '/nowhere']) {
      const { status, body } = await operate('GET', path, { headers });
      assert.deepEqual([status, body.error_code], [403, code], path);
    }
    const body = { for_s: 1, by: 'attacker', why: 'rebinding' };
    const steered = await operate('POST', '/breakers/x/isolate', {
      headers: { ...headers, authorization },
      body,
    });
    assert.equal(steered.status, 403);
  }
  assert.equal(lines.length, refused.length * 9, 'each has its line');
});

test('what changes something has its line; what is asked every few seconds has none', async () => {
  const { operate, lines } = testService({ faults: new ServiceFaults(), controlToken: 'secret' });
  const headers = { authorization: 'Bearer secret' };
  for (const path of PATHS.slice(1)) await operate('GET', path, { headers });
  assert.deepEqual(lines, []);
  await operate('DELETE', '/faults', { headers });
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['DELETE /faults 204'],
  );
});

test('the documents are made once, not for each request', async () => {
  const { service, request, operate } = testService();
  let made = 0;
  for (const app of [service.app, service.operations]) {
    const make = app.getOpenAPI31Document.bind(app);
    app.getOpenAPI31Document = (...given) => {
      made++;
      return make(...given);
    };
  }
  for (let i = 0; i < 3; i++) {
    await request('GET', '/openapi.json');
    await service.app.request('/docs');
    await operate('GET', '/errors');
    await operate('GET', '/openapi.json');
    await request('GET', '/nowhere');
  }
  assert.equal(made, 2);
});

test('its requests have a deadline too', async () => {
  const clock = new VirtualClock();
  const { service, operate } = testService({ deadlineMs: 50, clock });
  service.operations.get('/hang', () => new Promise<Response>(() => {}));
  const asking = operate('GET', '/hang');
  await clock.advance(1_000);
  assert.equal((await asking).body.error_code, 'DEADLINE_EXCEEDED');
});

test('the type of a problem leads to its entry in the public documentation', async () => {
  const { service, request } = testService();
  const headers = { accept: 'application/problem+json' };
  const { body } = await request('GET', '/nowhere', { headers });
  const [path = '', id = ''] = String(body.type).split('#');
  const page = await (await service.app.request(path)).text();
  assert.match(page, new RegExp(`id="${id}"`));
  for (const [, linked = ''] of page.matchAll(/href="#([^"]+)"/g)) {
    assert.match(page, new RegExp(`id="${linked}"`), linked);
  }
});

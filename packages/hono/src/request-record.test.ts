import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '@breakwater/errors';
import { testService } from './testing/test-service.ts';

const { service, request } = testService();
service.app.get('/ok', (c) => c.json({ ok: true }));
service.app.get('/foreign', () => fetch('data:text/plain,foreign'));
service.app.get('/fail', () => {
  throw new ConflictError('No.');
});

test('every response carries its ids, good or bad, ours or passed on', async () => {
  for (const path of ['/ok', '/fail', '/nowhere', '/healthz', '/docs']) {
    const { headers } = await service.app.request(path);
    const traceId = headers.get('x-trace-id') ?? '';
    assert.match(traceId, /^[0-9a-f]{32}$/, path);
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/, path);
    assert.match(
      headers.get('server-timing') ?? '',
      new RegExp(`^traceparent;desc="00-${traceId}-[0-9a-f]{16}-0[01]"$`),
      path,
    );
  }
});

test('a response whose headers cannot be changed carries them too', async () => {
  const response = await service.app.request('/foreign');
  assert.equal(await response.text(), 'foreign');
  assert.match(response.headers.get('x-trace-id') ?? '', /^[0-9a-f]{32}$/);
});

test('a client’s request id is kept if it is sane', async () => {
  const sent = async (id: string) =>
    (await request('GET', '/ok', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  for (const id of ['r-1', 'A.b:c_d-9', 'x'.repeat(128)]) assert.equal(await sent(id), id);
  for (const id of ['', 'a b', 'x'.repeat(129), '<script>', 'é']) {
    assert.notEqual(await sent(id), id);
  }
});

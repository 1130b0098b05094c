import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { AppError } from '@breakwater/errors';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { limitBody } from './body-limit.ts';

function createApp() {
  const app = new Hono();
  app.use(limitBody(10));
  app.post('/', async (c) => c.text(await c.req.text()));
  app.get('/', (c) => c.text('read'));
  app.onError((error, c) => c.text(error.name, error instanceof AppError ? 413 : 500));
  return app;
}

describe('limitBody behind a real server', () => {
  let server: ServerType;
  before(async () => {
    server = serve({ fetch: createApp().fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
  });
  after(() => server.close());

  async function post(body: string, headers: Record<string, string>) {
    const { port } = server.address() as AddressInfo;
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return { status: response.statusCode, text };
  }

  it('lets a body of exactly the limit through, whole', async () => {
    const answer = await post('0123456789', { 'content-length': '10' });
    assert.deepEqual(answer, { status: 200, text: '0123456789' });
  });

  it('refuses by content-length', async () => {
    assert.equal((await post('0123456789a', { 'content-length': '11' })).status, 413);
  });

  it('counts what comes in chunks', async () => {
    const chunked = { 'transfer-encoding': 'chunked' };
    assert.deepEqual(await post('0123456789', chunked), { status: 200, text: '0123456789' });
    assert.equal((await post('0123456789a', chunked)).status, 413);
  });
});

describe('limitBody without a content-length', () => {
  it('counts the body while it is read', async () => {
    const app = createApp();
    const within = await app.request('/', { method: 'POST', body: '0123456789' });
    assert.equal(await within.text(), '0123456789');
    assert.equal((await app.request('/', { method: 'POST', body: '0123456789a' })).status, 413);
  });

  it('does not look for a body where there can be none', async () => {
    const request = new Request('http://localhost/');
    Object.defineProperty(request, 'body', {
      get: () => assert.fail('asking for the body makes a whole Request of the platform'),
    });
    assert.equal((await createApp().fetch(request)).status, 200);
  });
});

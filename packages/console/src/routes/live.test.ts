import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { serve } from '@hono/node-server';
import { testApp } from '../test-app.ts';

/** The console as it listens, and what a client sends it as text. */
async function listening(t: TestContext) {
  const { service, live } = testApp(t);
  const server = serve({ fetch: service.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const { port } = address;
  const send = (method: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${method} /live/now HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    return socket;
  };
  return { live, send, url: `http://127.0.0.1:${port}` };
}

test('HEAD takes no place, however often it is asked', async (t) => {
  const { live, url } = await listening(t);
  for (let i = 0; i < 150; i++) {
    const response = await fetch(`${url}/live/now`, { method: 'HEAD' });
    assert.equal(response.status, 200);
  }
  assert.equal(live.viewers, 0);
});

test('clients that leave at once, before or after the first byte, give their place back', async (t) => {
  const { live, send } = await listening(t);
  for (let i = 0; i < 150; i++) {
    const early = send('GET');
    early.end();
    await once(early, 'connect');
    early.destroy();
    const late = send('GET');
    await once(late, 'data');
    late.destroy();
    await once(late, 'close');
  }
  await eventually(async () => assert.equal(live.viewers, 0));
  const last = send('GET');
  await once(last, 'data');
  assert.equal(live.viewers, 1);
});

test('a stream is of known topics only, and of not too many', async (t) => {
  const { ask } = testApp(t);
  const status = async (topics: string) => {
    const response = await ask(`/live/${topics}`);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status('now'), 200);
  assert.equal(await status('now,circuits,experiments,experiments/some-run'), 200);
  assert.equal(await status('now,nothing'), 404);
  assert.equal(await status('experiments/a/b'), 404);
  assert.equal(await status(Array.from({ length: 33 }, (_, i) => `experiments/${i}`).join()), 400);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import {
  AppError,
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  DependencyError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  RequestCancelledError,
} from '@breakwater/errors';
import { Deadline, Resilience, runInScope, systemClock } from '@breakwater/resilience';
import { testResilience } from '@breakwater/resilience/testing';
import { servePeer } from '@breakwater/testing';
import { z } from 'zod';
import { createClient } from './client.ts';

const item = z.strictObject({ id: z.string() });
const getItem = { method: 'GET', path: '/item', response: item } as const;

function clientOf(baseUrl: string, timeoutMs = 5_000) {
  return createClient({
    name: 'catalog',
    baseUrl,
    policy: { timeoutMs, retry: false },
    userAgent: 'shop/1.2.3',
    resilience: new Resilience({ metrics: false }),
    maxBodyBytes: 10_000,
  });
}

/** A server that does with each connection what a test says, once the request has arrived. */
async function brokenPeer(onRequest: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('data', () => onRequest(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    client: (timeoutMs?: number) => clientOf(`http://127.0.0.1:${port}`, timeoutMs),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const answer = (head: string, body: string) => (socket: Socket) =>
  socket.end(`HTTP/1.1 ${head}\r\nConnection: close\r\n\r\n${body}`);

async function failureOf(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    (value) => assert.fail(`answered ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}

test('a connection that is refused: 503, and certainly not sent', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const error = await failureOf(clientOf(`http://127.0.0.1:${port}`).call(getItem));
  assert.ok(error instanceof DependencyUnavailableError);
  assert.equal(error.delivery, 'not_sent');
  assert.deepEqual(error.context, { dependency: 'catalog' });
});

/** What a broken peer does, and what is then known. */
const BROKEN: Record<string, [how: (socket: Socket) => void, code: string, reason?: string]> = {
  'a connection that is reset': [(s) => s.resetAndDestroy(), 'DEPENDENCY_UNAVAILABLE'],
  'a connection that is closed without an answer': [(s) => s.end(), 'DEPENDENCY_UNAVAILABLE'],
  'an answer that is no HTTP': [(s) => s.end('hello\r\n\r\n'), 'DEPENDENCY_UNAVAILABLE'],
  'an answer that breaks off': [
    answer('200 OK\r\nContent-Length: 100', '{"id":'),
    'DEPENDENCY_UNAVAILABLE',
  ],
  'an answer that is no JSON': [answer('200 OK', '{"id":'), 'BAD_GATEWAY', 'malformed_answer'],
  'an answer that is not what was agreed': [
    answer('200 OK', '{"name":"x"}'),
    'BAD_GATEWAY',
    'unexpected_answer',
  ],
  'an answer without a body': [answer('200 OK', ''), 'BAD_GATEWAY', 'unexpected_answer'],
  'an answer that leads elsewhere': [
    answer('302 Found\r\nLocation: http://127.0.0.1:1/', '{"id":"1"}'),
    'BAD_GATEWAY',
    'unexpected_answer',
  ],
  'an answer that is too large': [
    answer('200 OK', `{"id":"${'x'.repeat(20_000)}"}`),
    'BAD_GATEWAY',
    'answer_too_large',
  ],
};

for (const [what, [how, code, reason]] of Object.entries(BROKEN)) {
  test(`${what}: nobody knows whether the work was done`, async () => {
    await using peer = await brokenPeer(how);
    const error = await failureOf(peer.client().call(getItem));
    assert.equal(error.code, code);
    assert.ok(error instanceof DependencyError);
    assert.equal(error.delivery, 'unknown');
    assert.equal(error.context.reason, reason);
  });
}

test('an error that is not of the contract: 502, with its status, and nothing known of the work', async () => {
  await using peer = await brokenPeer(answer('500 Oops', '<h1>Oops at /srv/app.js:3</h1>'));
  const error = await failureOf(peer.client().call(getItem));
  assert.ok(error instanceof BadGatewayError);
  assert.equal(error.delivery, 'unknown');
  assert.deepEqual(error.context, {
    dependency: 'catalog',
    reason: 'error_off_contract',
    dependency_status: 500,
  });
});

test('whoever wrote the error, its Retry-After counts', async () => {
  const head = '503 Busy\r\nContent-Type: text/html\r\nRetry-After: 3';
  await using peer = await brokenPeer(answer(head, '<h1>proxy</h1>'));
  const error = await failureOf(peer.client().call(getItem));
  assert.deepEqual([error.code, error.retryAfterS], ['BAD_GATEWAY', 3]);
});

test('a peer that does not answer in time: 504', async () => {
  await using peer = await brokenPeer(() => {});
  const error = await failureOf(peer.client(50).call(getItem));
  assert.ok(error instanceof DependencyTimeoutError);
  assert.equal(error.delivery, 'unknown');
});

test('a peer that begins to answer and stops: 504', async () => {
  const begin = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{';
  await using peer = await brokenPeer((socket) => socket.write(begin));
  assert.ok((await failureOf(peer.client(50).call(getItem))) instanceof DependencyTimeoutError);
});

test('the caller’s deadline ends the wait, and nothing is sent after it', async () => {
  let requests = 0;
  await using peer = await brokenPeer(() => {
    requests += 1;
  });
  const client = peer.client();
  const within = (ms: number) =>
    failureOf(runInScope({ deadline: Deadline.after(ms) }, () => client.call(getItem)));
  assert.ok((await within(50)) instanceof DeadlineExceededError);
  assert.equal(requests, 1);
  assert.ok((await within(-1)) instanceof DeadlineExceededError);
  assert.equal(requests, 1);
});

test('a caller that goes away ends the wait', async () => {
  const caller = new AbortController();
  await using peer = await brokenPeer(() => caller.abort());
  const client = peer.client();
  const error = await failureOf(runInScope({ signal: caller.signal }, () => client.call(getItem)));
  assert.ok(error instanceof RequestCancelledError);
});

test('a peer’s own error comes back typed', async () => {
  const peer = await servePeer('catalog');
  peer.app.get('/item', () => {
    throw new ConflictError('No.', { context: { item_id: 'item1' } });
  });
  const error = await failureOf(clientOf(peer.url).call(getItem));
  assert.ok(error instanceof ConflictError);
  assert.deepEqual([error.message, error.context], ['No.', { item_id: 'item1' }]);
  await peer.stop();
});

test('a peer that names its own dependency: a fallback answers, the circuit stays closed', async () => {
  const peer = await servePeer('catalog');
  peer.app.get('/item', () => {
    throw new DependencyUnavailableError('pricing');
  });
  const { resilience, events } = testResilience({ clock: systemClock });
  const client = createClient({ name: 'catalog', baseUrl: peer.url, resilience });
  const fallback = [{ source: 'degraded', value: { id: 'none' } }] as const;
  for (let i = 0; i < 6; i++) {
    const answer = await client.callWithSource({ ...getItem, fallback });
    assert.deepEqual(answer, { value: { id: 'none' }, source: 'degraded' });
  }
  assert.equal((await failureOf(client.call(getItem))).code, 'DEPENDENCY_UNAVAILABLE');
  assert.deepEqual(new Set(events.calls.map(({ outcome }) => outcome)), new Set(['failure']));
  assert.ok(events.calls.every(({ attempts }) => attempts === 1));
  assert.equal(client.dependency.breakers()[0]?.failures, 0);
  await peer.stop();
});

test('429 of somebody else says nothing of the peer either', async () => {
  await using peer = await brokenPeer(answer('429 Too Many', '<h1>limited</h1>'));
  const client = peer.client();
  for (let i = 0; i < 6; i++) await failureOf(client.call(getItem));
  const [circuit] = client.dependency.breakers();
  assert.deepEqual([circuit?.state, circuit?.failures], ['closed', 0]);
});

test('what goes along: the body, the key, the deadline, and which errors are wanted', async () => {
  const peer = await servePeer('catalog');
  const seen: Record<string, unknown>[] = [];
  peer.app.post('/item', async (c) => {
    seen.push({ ...c.req.header(), body: await c.req.text() });
    return c.json({ id: 'item1' }, 201);
  });
  const client = clientOf(peer.url);
  const { status, body } = await runInScope({ deadline: Deadline.after(3_000) }, () =>
    client.exchange({
      method: 'POST',
      path: '/item',
      body: { name: 'é' },
      response: item,
      idempotencyKey: 'k-1',
      headers: { prefer: 'respond-async' },
    }),
  );
  assert.deepEqual([status, body], [201, { id: 'item1' }]);
  const [request = {}] = seen;
  assert.equal(request.body, '{"name":"é"}');
  assert.equal(request['content-type'], 'application/json');
  assert.equal(request['idempotency-key'], 'k-1');
  assert.equal(request['user-agent'], 'shop/1.2.3');
  assert.equal(request.prefer, 'respond-async');
  assert.match(String(request.accept), /^application\/problem\+json/);
  const deadline = Number(request['x-deadline-ms']);
  assert.ok(deadline > 0 && deadline <= 3_000, String(deadline));
  await peer.stop();
});

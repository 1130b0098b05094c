import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { probe, waitUntilReady } from './readiness.ts';

/** A clock that only moves when somebody sleeps. */
function virtualClock() {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
}

test('asks again until the answer is yes', async () => {
  const answers = ['no', 'no', undefined];
  const clock = virtualClock();
  const { signal } = new AbortController();
  await waitUntilReady('x', 1000, signal, async () => answers.shift(), clock);
  assert.deepEqual(answers, []);
  assert.equal(clock.now(), 200);
});

test('gives up after its time with the last answer', async () => {
  const { signal } = new AbortController();
  const waiting = waitUntilReady('x', 3000, signal, async () => 'answers 503', virtualClock());
  await assert.rejects(waiting, /not ready after 3 s \(answers 503\)/);
});

test('an abort ends the waiting with its reason', async () => {
  const controller = new AbortController();
  const ask = async () => {
    controller.abort(new Error('it died'));
    return 'no';
  };
  const waiting = waitUntilReady('x', 3000, controller.signal, ask, virtualClock());
  await assert.rejects(waiting, /it died/);
});

test('an answer counts only when it is a success', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 204 : 503;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal(await probe(`${base}/ok`), undefined);
  assert.equal(await probe(`${base}/no`), `${base}/no answers 503`);
  server.close();
  await once(server, 'close');
  assert.match((await probe(`${base}/ok`)) ?? '', /ECONNREFUSED/);
  const password = await probe('postgres://user:secret@127.0.0.1:1/x');
  assert.match(password ?? '', /ECONNREFUSED/);
  assert.doesNotMatch(password ?? '', /secret/);
});

/** One message of PostgreSQL's protocol, version 3. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const WANTS_PASSWORD = message('R', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0'));
const STARTING_UP = message(
  'E',
  Buffer.from('SFATAL\0C57P03\0Mthe database system is starting up\0\0'),
);

test('a PostgreSQL that asks for a password is ready, one that starts up is not', async (t) => {
  for (const [reply, expected] of [
    [WANTS_PASSWORD, /^undefined$/],
    [STARTING_UP, /the database system is starting up/],
  ] as const) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.write(reply));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    assert.match(String(await probe(`postgres://postgres@127.0.0.1:${port}/postgres`)), expected);
  }
});

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { ConflictError } from '@breakwater/errors';
import { currentDeadline, currentSignal } from '@breakwater/resilience';
import { settle, VirtualClock } from '@breakwater/resilience/testing';
import type { ServiceOptions } from './create-service.ts';
import { GRACE_MS } from './request-bounds.ts';
import { listeningService, testService } from './testing/test-service.ts';

const DEADLINE_MS = 50;

/** A service whose handlers wait until they are told to go on. */
function slow(options: Partial<ServiceOptions> = {}) {
  const clock = new VirtualClock();
  const made = testService({ deadlineMs: DEADLINE_MS, clock, ...options });
  const release = Promise.withResolvers<void>();
  const metric = async (name: string) =>
    (await made.registry.metrics()).match(new RegExp(`^${name}.* (\\d+)$`, 'm'))?.[1];
  return {
    ...made,
    clock,
    released: release.promise,
    metric,
    /** Lets the handlers go on, and waits for what they do. */
    async release() {
      release.resolve();
      await settle();
    },
    /** Passes the deadline. */
    expire: () => clock.advance(DEADLINE_MS + GRACE_MS),
  };
}

const LATE: Record<
  string,
  (c: { json(value: unknown): Response }) => Response | Promise<Response>
> = {
  'an answer': (c) => c.json({ late: true }),
  'a refusal': () => {
    throw new ConflictError('Too late.');
  },
  'a bug': () => {
    throw new TypeError('secret plan');
  },
  'a thrown text': () => {
    throw 'secret plan';
  },
  'an aborted fetch': () => {
    throw new DOMException('aborted', 'AbortError');
  },
  'a hand-made failure': () => new Response('no', { status: 418 }),
};

for (const [what, end] of Object.entries(LATE)) {
  test(`the deadline ends a request whose handler ends later in ${what}`, async () => {
    const { service, request, lines, registry, metric, clock, ...slowly } = slow();
    let reason: unknown;
    service.app.get('/slow/:id', async (c) => {
      c.req.raw.signal.addEventListener('abort', () => {
        reason = c.req.raw.signal.reason;
      });
      await slowly.released;
      assert.equal(currentSignal()?.aborted, true);
      c.header('x-late', 'yes');
      return end(c);
    });
    const asking = request('GET', '/slow/1');
    await clock.advance(DEADLINE_MS + GRACE_MS - 1);
    assert.equal(lines.length, 0);
    await clock.advance(1);
    const { status, body, headers } = await asking;
    assert.deepEqual([status, body.error_code], [504, 'DEADLINE_EXCEEDED']);
    assert.deepEqual([headers.get('x-late'), body.trace_id], [null, headers.get('x-trace-id')]);
    assert.equal((reason as { code?: string }).code, 'DEADLINE_EXCEEDED');
    assert.equal(await metric('http_server_abandoned_handlers'), '1');

    await slowly.release();
    assert.equal(await metric('http_server_abandoned_handlers'), '0');
    const failed = !['an answer', 'a hand-made failure'].includes(what);
    const outcome = failed ? 'failure' : 'success';
    assert.match(
      await registry.metrics(),
      new RegExp(`late_results_total\\{http_route="/slow/:id",outcome="${outcome}"\\} 1`),
    );
    assert.equal(lines.filter((line) => 'http.response.status_code' in line).length, 1);
    assert.equal(lines.filter(({ error_code }) => error_code !== undefined).length, 1);
    assert.equal(
      lines.length,
      what === 'a bug' ? 2 : 1,
      'a bug is told, though not as a second response',
    );
    assert.match(
      await registry.metrics(),
      /_count\{.*http_response_status_code="504",url_scheme="http",error_type="504"\} 1$/m,
    );
    assert.doesNotMatch(await registry.metrics(), /http_response_status_code="(200|409|418|500)"/);
  });
}

test('handlers that hang do not keep their places', async () => {
  const { service, request, clock } = slow({ maxInFlight: 2 });
  service.app.get('/hang', () => new Promise<Response>(() => {}));
  service.app.get('/ok', (c) => c.json({}));
  const hanging = [request('GET', '/hang'), request('GET', '/hang')];
  await settle();
  assert.equal((await request('GET', '/ok')).status, 503);
  await clock.advance(DEADLINE_MS + GRACE_MS);
  assert.deepEqual(
    (await Promise.all(hanging)).map(({ status }) => status),
    [504, 504],
  );
  assert.equal((await request('GET', '/ok')).status, 200);
});

test('a place is given back once, whenever the handler ends', async () => {
  const { service, request, expire, release, released } = slow({ maxInFlight: 1 });
  service.app.get('/slow', async (c) => {
    await released;
    return c.json({});
  });
  service.app.get('/hang', () => new Promise<Response>(() => {}));
  const cut = request('GET', '/slow');
  await expire();
  await cut;
  const held = request('GET', '/hang');
  await settle();
  await release();
  assert.equal((await request('GET', '/hang')).status, 503, 'the place is taken by one');
  await expire();
  await held;
});

test('a middleware that hangs after the work is cut too, and nothing of its response is left', async () => {
  const { service, request, expire, released, release } = slow();
  service.app.use('/done', async (_, next) => {
    await next();
    await released;
  });
  service.app.get('/done', (c) => c.json({}, 200, { etag: '"1"', 'cache-control': 'public' }));
  const asking = request('GET', '/done');
  await expire();
  const { status, headers } = await asking;
  assert.deepEqual([status, headers.get('etag'), headers.get('cache-control')], [504, null, null]);
  await release();
});

test('who lets in sees the response to a request that was cut', async () => {
  const { service, request, expire } = slow({
    access: async (c, next) => {
      await next();
      c.res.headers.set('x-access', String(c.res.status));
    },
  });
  service.app.get('/hang', () => new Promise<Response>(() => {}));
  const asking = request('GET', '/hang');
  await expire();
  assert.equal((await asking).headers.get('x-access'), '504');
});

test('who lets in is bound by the deadline itself', async () => {
  const { service, request, expire } = slow({ access: () => new Promise<void>(() => {}) });
  service.app.get('/', (c) => c.json({}));
  const asking = request('GET', '/');
  await expire();
  assert.equal((await asking).status, 504);
});

test('a stream that its handler opens too late is ended, not left to fill', async () => {
  const { service, request, expire, release, released } = slow();
  const ended = Promise.withResolvers<void>();
  service.app.get('/stream', async () => {
    await released;
    return new Response(new ReadableStream({ cancel: () => ended.resolve() }));
  });
  const asking = request('GET', '/stream');
  await expire();
  assert.equal((await asking).status, 504);
  await settle();
  await release();
  await ended.promise;
});

test('a stream in flight is not cut, and what it calls has no deadline', async () => {
  const { service, clock, lines, metric } = slow({ maxInFlight: 1 });
  const more = new EventEmitter();
  service.app.get('/events', () => {
    const body = new ReadableStream({
      async pull(controller) {
        await once(more, 'more');
        controller.enqueue(new TextEncoder().encode(`${currentDeadline()}\n`));
      },
    });
    return new Response(body);
  });
  service.app.get('/ok', (c) => c.json({}));
  const response = await service.app.request('/events');
  await clock.advance(1_000 * DEADLINE_MS);
  const reader = response.body?.getReader();
  const reading = reader?.read();
  await settle();
  more.emit('more');
  assert.equal(new TextDecoder().decode((await reading)?.value), 'undefined\n');
  assert.equal((await service.app.request('/ok')).status, 200, 'it holds no place');
  assert.equal(await metric('http_server_abandoned_handlers'), '0');
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['GET /events 200', 'GET /ok 200'],
  );
  await reader?.cancel();
});

test('a client that had gone before the deadline is no failure of ours', async () => {
  const { service, lines, expire } = slow();
  service.app.get('/hang', () => new Promise<Response>(() => {}));
  const leaving = new AbortController();
  const asking = service.app.request('/hang', { signal: leaving.signal });
  await settle();
  leaving.abort();
  await expire();
  await asking;
  assert.deepEqual(
    lines.map(({ error_code, level }) => [error_code, level]),
    [['REQUEST_CANCELLED', 'info']],
  );
});

test('a deadline that does not come due costs no timer of its own', async () => {
  const { service, request, clock } = slow();
  service.app.get('/ok', (c) => c.json({}));
  for (let i = 0; i < 100; i++) await request('GET', '/ok');
  assert.equal(clock.pending, 1);
});

/** A service behind a socket that reads JSON. */
async function reading(options: Partial<ServiceOptions> = {}) {
  const clock = new VirtualClock();
  const listening = await listeningService({ deadlineMs: DEADLINE_MS, clock, ...options });
  const began = new EventEmitter();
  const { app } = listening.service;
  app.use('/read/:how', (_, next) => {
    // The handler asks for the body within this turn.
    setImmediate(() => began.emit('reading'));
    return next();
  });
  app.post('/read/whole', async (c) => c.json(await c.req.json()));
  app.post('/read/stream', async (c) => {
    let bytes = 0;
    for await (const chunk of c.req.raw.body ?? []) bytes += chunk.byteLength;
    return c.json({ bytes });
  });
  app.post('/read/then-hang', async (c) => {
    await c.req.text();
    began.emit('read');
    return new Promise<Response>(() => {});
  });
  app.get('/ok', (c) => c.json({}));
  const sockets: Socket[] = [];
  return {
    ...listening,
    clock,
    began,
    /** Sends the head of a request and the beginning of its body, and waits until it is read. */
    async begin(path: string, head: string, body: string): Promise<Socket> {
      const socket = connect(listening.port, '127.0.0.1');
      sockets.push(socket);
      const reads = once(began, 'reading');
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`);
      await reads;
      return socket;
    },
    async end() {
      for (const socket of sockets) socket.destroy();
      await listening.stop();
    },
  };
}

async function answerOf(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

const UNFINISHED: Record<string, [path: string, head: string, body: string]> = {
  stops: ['/read/whole', 'Content-Length: 100', '{"user'],
  'never begins': ['/read/whole', 'Content-Length: 100', ''],
  'stops between chunks': ['/read/whole', 'Transfer-Encoding: chunked', '5\r\n{"use\r\n'],
  'stops while it is streamed': ['/read/stream', 'Content-Length: 100', '{"user'],
};

for (const [how, [path, head, body]] of Object.entries(UNFINISHED)) {
  test(`a body that ${how} is its client's: 408, one line at info`, async (t) => {
    const { begin, clock, lines, registry, end } = await reading();
    t.after(end);
    const socket = await begin(path, head, body);
    const answering = answerOf(socket);
    await clock.advance(DEADLINE_MS + GRACE_MS);
    const answer = await answering;
    assert.match(answer, /^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
    assert.match(answer, /^connection: close\r$/im);
    await once(socket, 'close');
    assert.deepEqual(
      lines.map(({ error_code, error_type, level }) => [error_code, error_type, level]),
      [['REQUEST_TIMEOUT', 'client', 'info']],
    );
    const metrics = await registry.metrics();
    assert.match(metrics, /error_code="REQUEST_TIMEOUT",error_type="client"\} 1$/m);
    assert.match(metrics, /^http_server_abandoned_handlers 0$/m, 'nobody was at work');
  });
}

test('who used up most of the time is at fault', async (t) => {
  const { begin, began, clock, lines, end } = await reading();
  t.after(end);
  for (const [bodyMs, code] of [
    [40, 'REQUEST_TIMEOUT'],
    [10, 'DEADLINE_EXCEEDED'],
  ] as const) {
    const socket = await begin('/read/then-hang', 'Content-Length: 2', '{');
    await clock.advance(bodyMs);
    const read = once(began, 'read');
    socket.write('}');
    await read;
    const answering = answerOf(socket);
    await clock.advance(DEADLINE_MS + GRACE_MS);
    assert.match(await answering, new RegExp(code));
    assert.equal(lines.at(-1)?.error_code, code);
  }
});

test('200 slow bodies keep nobody else out, and get their turn', async (t) => {
  const { begin, request, end } = await reading({ maxInFlight: 5 });
  t.after(end);
  const slow: Socket[] = [];
  for (let i = 0; i < 200; i++) {
    const chunked = i % 2 === 0;
    slow.push(
      chunked
        ? await begin('/read/whole', 'Transfer-Encoding: chunked', '1\r\n{\r\n')
        : await begin('/read/stream', 'Content-Length: 2', '{'),
    );
  }
  for (let i = 0; i < 10; i++) assert.equal((await request('GET', '/ok')).status, 200);
  for (const [i, socket] of slow.entries()) {
    const answering = answerOf(socket);
    socket.write(i % 2 === 0 ? '1\r\n}\r\n0\r\n\r\n' : '}');
    assert.match(await answering, /^HTTP\/1.1 200 /);
  }
});

test('a body that has arrived when all places are taken is refused like any request', async (t) => {
  const { begin, service, port, end } = await reading({ maxInFlight: 1 });
  t.after(end);
  const held = Promise.withResolvers<void>();
  const waits = new EventEmitter();
  service.app.get('/held', async (c) => {
    waits.emit('begun');
    await held.promise;
    return c.json({});
  });
  const socket = await begin('/read/whole', 'Content-Length: 2', '{');
  const begun = once(waits, 'begun');
  const holding = fetch(`http://127.0.0.1:${port}/held`);
  await begun;
  const answering = answerOf(socket);
  socket.write('}');
  assert.match(await answering, /^HTTP\/1.1 503 [\s\S]*OVERLOADED/);
  held.resolve();
  assert.equal((await holding).status, 200);
});

test('a request to upgrade the connection is answered as what it asks for', async (t) => {
  const { port, lines, end } = await reading();
  t.after(end);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET /ok HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  assert.match(await answerOf(socket), /^HTTP\/1.1 200 /);
  assert.equal(lines.length, 1);
});

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { type ListeningService, listeningService } from './testing/test-service.ts';

let service: ListeningService;
const uploads = new EventEmitter();
/** Ends the requests that are kept waiting. */
const held: (() => void)[] = [];
before(async () => {
  service = await listeningService({ maxBodyBytes: 1_000_000 });
  service.service.app.use('/echo', async (_, next) => {
    uploads.emit('began');
    await next();
    // The log line is written on the way out, after this.
    setImmediate(() => uploads.emit('ended'));
  });
  service.service.app.post('/echo', async (c) => c.text(await c.req.text()));
  service.service.app.get('/ok', (c) => c.text('ok'));
  service.service.app.get('/held', async (c) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return c.text('held');
  });
});
after(() => service.stop());
beforeEach(() => service.lines.splice(0));

/** Sends bytes as they are; gives the whole answer once the server closes the connection. */
async function raw(bytes: string | Buffer): Promise<{ head: string; body: string }> {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  const [head = '', body = ''] = (await read(socket)).split('\r\n\r\n');
  return { head, body };
}

/** Everything that comes until the server closes the connection. */
async function read(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

const request = (headers: string, target = '/ok', method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\n${headers}\r\n\r\n`;
const HOST = 'Host: 127.0.0.1\r\nConnection: close';

/** What cannot be a request is answered like every error: ids, contract body, one line. */
const REFUSED: Record<string, [bytes: string, status: number, code: string]> = {
  'headers of 20 KB': [
    request(`${HOST}\r\nX-Big: ${'a'.repeat(20_000)}`),
    431,
    'HEADERS_TOO_LARGE',
  ],
  'a path of 20 KB': [request(HOST, `/${'a'.repeat(20_000)}`), 431, 'HEADERS_TOO_LARGE'],
  'no HTTP at all': ['\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'a header with a NUL': [request(`${HOST}\r\nX-Nul: a\0b`), 400, 'MALFORMED_REQUEST'],
  'a host that is no host': [request('Host: a b\r\nConnection: close'), 400, 'MALFORMED_REQUEST'],
  'no host': [request('Connection: close'), 400, 'MALFORMED_REQUEST'],
  'a path that is no path': [request(HOST, 'nowhere'), 400, 'MALFORMED_REQUEST'],
  'two lengths': [
    request(`${HOST}\r\nContent-Length: 1\r\nContent-Length: 2`, '/echo', 'POST'),
    400,
    'MALFORMED_REQUEST',
  ],
  'a length beside chunks': [
    request(`${HOST}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked`, '/echo', 'POST'),
    400,
    'MALFORMED_REQUEST',
  ],
  'an unknown method': [request(HOST, '/ok', 'FETCH'), 400, 'MALFORMED_REQUEST'],
  'two hosts': [request(`${HOST}\r\nHost: x`), 400, 'MALFORMED_REQUEST'],
  'a host that is empty': [request('Host:\r\nConnection: close'), 400, 'MALFORMED_REQUEST'],
  'a target at another host': [request(HOST, 'http://x/ok'), 400, 'MALFORMED_REQUEST'],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'a version that is none': ['GET /ok HTTP/2.0\r\nHost: x\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'HTTP/0.9': ['GET /ok\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'a tunnel': [request(HOST, '127.0.0.1:443', 'CONNECT'), 405, 'METHOD_NOT_ALLOWED'],
  'the options of everything': [request(HOST, '*', 'OPTIONS'), 405, 'METHOD_NOT_ALLOWED'],
  'anything else of everything': [request(HOST, '*'), 400, 'MALFORMED_REQUEST'],
  'a length below nothing': upload('Content-Length: -1'),
  'a length beyond everything': upload(`Content-Length: ${'9'.repeat(20)}`),
  'the same length twice': upload('Content-Length: 2\r\nContent-Length: 2'),
  'an unknown transfer coding': upload('Transfer-Encoding: gzip'),
  'one more transfer coding': upload('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
  'chunks in HTTP/1.0': [
    'POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'MALFORMED_REQUEST',
  ],
  'a chunk size that is none': upload('Transfer-Encoding: chunked', 'ZZ\r\n{}\r\n0\r\n\r\n'),
  'a chunk that is longer than it says': upload('Transfer-Encoding: chunked', '1\r\nabc\r\n'),
  'a trailer that is none': upload('Transfer-Encoding: chunked', '0\r\nno trailer\r\n\r\n'),
  'a chunk extension of 20 KB': upload('Transfer-Encoding: chunked', `2;${'a'.repeat(20_000)}\r\n`),
};

function upload(header: string, body = ''): [bytes: string, status: number, code: string] {
  const head = request(`Host: 127.0.0.1\r\n${header}`, '/echo', 'POST');
  return [`${head}${body}`, 400, 'MALFORMED_REQUEST'];
}

for (const [what, [bytes, status, code]] of Object.entries(REFUSED)) {
  test(`${what} gets its contract answer`, async () => {
    const { head, body } = await raw(bytes);
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    const traceId = head.match(/^x-trace-id: ([0-9a-f]{32})\r?$/im)?.[1];
    assert.ok(traceId, head);
    assert.match(head, /^x-request-id: \S+\r?$/im);
    assert.match(head, new RegExp(`^server-timing: traceparent;desc="00-${traceId}-`, 'im'));
    const { error_code, trace_id, service_name, status_code, ...rest } = JSON.parse(body);
    assert.deepEqual(
      { error_code, trace_id, service_name, status_code },
      { error_code: code, trace_id: traceId, service_name: 'test', status_code: status },
    );
    assert.deepEqual(Object.keys(rest).sort(), ['context', 'message']);
    assert.equal(service.lines.length, 1);
    assert.equal(service.lines[0]?.trace_id, traceId);
    assert.equal(service.lines[0]?.error_code, code);
    assert.equal((await service.request('GET', '/healthz')).status, 200, 'still serves');
  });
}

test('what was refused is counted', async () => {
  await raw(REFUSED['no host']?.[0] ?? '');
  const metrics = await service.registry.metrics();
  assert.match(
    metrics,
    /service_errors_total\{http_route="unmatched",error_code="MALFORMED_REQUEST"/,
  );
  assert.match(
    metrics,
    /duration_seconds_count\{http_request_method="_OTHER",.*="400",url_scheme="http"\} [1-9]/,
  );
});

test('a connection that is reset is nobody’s error', async () => {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /ok HT');
  socket.resetAndDestroy();
  await once(socket, 'close');
  assert.equal((await service.request('GET', '/healthz')).status, 200);
  assert.deepEqual(service.lines, []);
});

test('an expectation that nobody knows is passed over', async () => {
  const { head } = await raw(request(`${HOST}\r\nExpect: a-miracle`));
  assert.match(head, /^HTTP\/1.1 200 /);
});

for (const [how, init] of Object.entries({
  'with its length': { body: 'x'.repeat(10_000_000) },
  'in chunks': {
    duplex: 'half',
    body: new ReadableStream({
      start(controller) {
        for (let i = 0; i < 100; i++) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    }),
  },
})) {
  test(`a body of 10 MB, sent ${how}, is refused and its client told`, async () => {
    const response = await fetch(`${service.url}/echo`, { method: 'POST', ...init } as RequestInit);
    assert.equal(response.status, 413);
    const { error_code, context } = (await response.json()) as Record<string, unknown>;
    assert.deepEqual([error_code, context], ['PAYLOAD_TOO_LARGE', { limit_bytes: 1_000_000 }]);
    assert.equal(service.lines.length, 1);
  });
}

test('a client that goes away while it uploads is logged as such, once', async () => {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  const arrived = once(uploads, 'began');
  socket.write(`${request(`${HOST}\r\nContent-Length: 100`, '/echo', 'POST')}${'x'.repeat(50)}`);
  await arrived;
  socket.destroy();
  await once(uploads, 'ended');
  assert.deepEqual(
    service.lines.map(({ error_code, level }) => [error_code, level]),
    [['REQUEST_CANCELLED', 'info']],
  );
});

test('a client that is refused may go on sending, and still reads why', async () => {
  const { head } = await raw(request(`${HOST}\r\nX-Big: ${'a'.repeat(2_000_000)}`));
  assert.match(head, /^HTTP\/1.1 431 /);
  assert.equal(service.lines.length, 1);
});

test('a body that breaks half way fails for the handler that waits for it', async () => {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  const headers = 'Host: x\r\nTransfer-Encoding: chunked\r\nX-Request-ID: broken-1';
  socket.write(`${request(headers, '/echo', 'POST')}3\r\nabc\r\n`);
  await eventually(async () => assert.equal(service.service.metrics.active, 1));
  socket.write('no chunk\r\n');
  const text = await read(socket);
  assert.match(text, /^HTTP\/1.1 400 .*"error_code":"MALFORMED_REQUEST"/s);
  assert.deepEqual(
    service.lines.map((line) => [line.request_id, line.error_code, line['http.route']]),
    [['broken-1', 'MALFORMED_REQUEST', '/echo']],
  );
});

/** What follows good requests on their connection, and the statuses that come back. */
const PIPELINED: Record<string, [bytes: string, statuses: number[]]> = {
  'another request': [`${request('Host: x')}${request(HOST)}`, [200, 200]],
  garbage: [`${request('Host: x')}\0garbage\r\n\r\n`, [200, 400]],
  'garbage after a body': [
    `${request('Host: x\r\nContent-Length: 2', '/echo', 'POST')}hi\0`,
    [200, 400],
  ],
  'garbage after requests that wait': [
    `${request('Host: x', '/held')}${request('Host: x', '/held')}\0garbage`,
    [200, 200, 400],
  ],
  'a tunnel': [
    `${request('Host: x', '/held')}${request('Host: x:1', 'x:1', 'CONNECT')}`,
    [200, 405],
  ],
  'a broken upload': [
    `${request('Host: x', '/held')}${upload('Transfer-Encoding: chunked', 'ZZ\r\n')[0]}`,
    [200, 400],
  ],
  'garbage after the last one': [`${request(HOST, '/held')}\0garbage`, [200]],
  'a request behind one of two hosts': [`${request('Host: x\r\nHost: y')}${request(HOST)}`, [400]],
  'a request behind one of no host': [`${request('Host: a b')}${request(HOST)}`, [400]],
  'a request behind an upgrade': [
    `${request('Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c', '/held')}${request(HOST)}`,
    [200],
  ],
  'another request after the last one': [`${request(HOST, '/held')}${request(HOST)}`, [200]],
};

for (const [what, [bytes, statuses]] of Object.entries(PIPELINED)) {
  test(`${what} takes no response from the requests before it`, async () => {
    const socket = connect(service.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    const reading = read(socket);
    // By now all bytes have been parsed: they come in one piece.
    if (bytes.includes('/held')) await eventually(async () => assert.ok(held.length > 0));
    await eventually(async () => {
      for (const release of held.splice(0)) release();
      assert.equal(service.lines.length, statuses.length);
    });
    const text = await reading;
    const answered = [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => Number(status));
    assert.deepEqual(answered, statuses);
    assert.match(text.slice(text.lastIndexOf('HTTP/1.1')), /^connection: close/im);
    // A body can break before a response that goes first is ready.
    const logged = service.lines.map((line) => line['http.response.status_code']);
    assert.deepEqual(logged.sort(), statuses);
  });
}

test('a client that goes on sending still reads its last response', async () => {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request(HOST));
  await eventually(async () => assert.equal(service.lines.length, 1));
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => socket.write('more\r\n', resolve));
  }
  assert.match(await read(socket), /^HTTP\/1.1 200 .*ok$/s);
  assert.equal(service.lines.length, 1);
});

test('a request of HTTP/1.0 needs no host, as those of old health checks', async () => {
  for (const path of ['/ok', '/healthz']) {
    const { head } = await raw(`GET ${path} HTTP/1.0\r\n\r\n`);
    assert.match(head, /^HTTP\/1.1 200 /, path);
  }
});

test('a target may be absolute, and an upgrade is passed over', async () => {
  const upgrade = 'Host: 127.0.0.1\r\nConnection: close, Upgrade\r\nUpgrade: websocket';
  const bytes = [request(HOST, 'http://127.0.0.1/ok'), request(upgrade)];
  for (const each of bytes) assert.match((await raw(each)).head, /^HTTP\/1.1 200 /);
});

test('methods that no operation has are told which ones there are', async () => {
  for (const method of ['TRACE', 'OPTIONS', 'QUERY', 'PROPFIND']) {
    const { head } = await raw(request(HOST, '/ok', method));
    assert.match(head, /^HTTP\/1.1 405 .*^allow: GET/ims, method);
  }
});

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@breakwater/testing';
import { type ListeningService, listeningService } from './test-service.ts';

let service: ListeningService;
const uploads = new EventEmitter();
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
});
after(() => service.stop());
beforeEach(() => service.lines.splice(0));

/** Sends bytes as they are; gives the whole answer once the server closes the connection. */
async function raw(bytes: string | Buffer): Promise<{ head: string; body: string }> {
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [head = '', body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
  return { head, body };
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
};

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
  assert.match(metrics, /duration_seconds_count\{http_request_method="_OTHER",.*="400"\} [1-9]/);
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

test('a body that breaks the protocol half way ends the connection, and is logged once', async () => {
  const chunks = '3\r\nabc\r\nno chunk\r\n';
  const { head } = await raw(
    `${request(`${HOST}\r\nTransfer-Encoding: chunked`, '/echo', 'POST')}${chunks}`,
  );
  assert.equal(head, '');
  await eventually(async () => assert.equal(service.lines.length, 1));
  assert.equal(service.lines[0]?.error_code, 'REQUEST_CANCELLED');
});

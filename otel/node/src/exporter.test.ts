import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { OtlpExporter, retryAfterMs } from './exporter.ts';
import { type ExporterSettings, readSettings } from './settings.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

/** A collector that behaves as told. */
async function collector(respond: RequestListener): Promise<string> {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function exporterTo(url: string, env: NodeJS.ProcessEnv = {}): OtlpExporter {
  const { exporter } = readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env });
  const sender = new OtlpExporter(exporter as ExporterSettings);
  closers.push(() => sender.close());
  return sender;
}

function spans(count = 1, resource = resourceFromAttributes({ 'service.name': 'test' })) {
  const ended: ReadableSpan[] = [];
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('test');
  for (let i = 0; i < count; i++) tracer.startSpan('work').end();
  return ended;
}

function send(exporter: OtlpExporter, count = 1, resource?: Resource) {
  return exporter.send(spans(count, resource).map((span) => exporter.prepare(span)));
}

/** Sends one span to a collector that responds with `status`. */
async function outcomeOf(status: number, headers: Record<string, string> = {}, body = '') {
  const url = await collector((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  return send(exporterTo(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }));
}

interface Sent {
  readonly path: string | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

/** What an exporter sends for one span. */
async function sent(env: NodeJS.ProcessEnv, resource = resourceFromAttributes({})): Promise<Sent> {
  let received: Sent | undefined;
  const url = await collector(async (request, response) => {
    const body = await buffer(request);
    received = { path: request.url, headers: request.headers, body };
    response.end();
  });
  const outcome = await send(exporterTo(url, env), 1, resource);
  assert.deepEqual(outcome, { kind: 'accepted', rejected: 0 });
  return received as Sent;
}

describe('what is sent', () => {
  it('is protobuf by default', async () => {
    const { path, headers, body } = await sent({});
    assert.equal(path, '/v1/traces');
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.ok(body.includes('work'));
  });

  it('is JSON with ids in hex when asked to', async () => {
    const { headers, body } = await sent({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    assert.equal(headers['content-type'], 'application/json');
    const [span] = JSON.parse(body.toString()).resourceSpans[0].scopeSpans[0].spans;
    assert.equal(span.name, 'work');
    assert.match(span.traceId, /^[0-9a-f]{32}$/);
  });

  it('is packed, and carries the headers that were asked for', async () => {
    const { headers, body } = await sent({
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b,x-other=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-other=2',
    });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.ok(gunzipSync(body).includes('work'));
    assert.deepEqual([headers['x-tenant'], headers['x-other']], ['a b', '2']);
  });

  it('goes over one connection, batch after batch, and leaves nothing on it', async () => {
    const sockets = new Set<Socket>();
    const url = await collector((request, response) => {
      sockets.add(request.socket);
      request.resume();
      response.end();
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const exporter = exporterTo(url);
    for (let i = 0; i < 20; i++) await send(exporter);
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    assert.equal(sockets.size, 1);
    assert.deepEqual(warnings, []);
  });

  it('waits for what the resource has yet to find out', async () => {
    const resource = resourceFromAttributes({ 'host.id': Promise.resolve('machine-7') });
    const { body } = await sent({}, resource);
    assert.ok(body.includes('machine-7'));
  });
});

describe('what becomes of a batch', () => {
  for (const status of [429, 502, 503, 504]) {
    it(`may be sent again after ${status}`, async () => {
      const outcome = await outcomeOf(status);
      assert.deepEqual(outcome, { kind: 'retry', reached: true, afterMs: undefined });
    });
  }

  for (const status of [301, 400, 401, 404, 408, 413, 500, 501, 505]) {
    it(`is refused for good with ${status}`, async () => {
      assert.deepEqual(await outcomeOf(status), { kind: 'refused' });
    });
  }

  it('is to wait as long as the collector says', async () => {
    const outcome = await outcomeOf(503, { 'retry-after': '7' });
    assert.deepEqual(outcome, { kind: 'retry', reached: true, afterMs: 7_000 });
  });

  it('is taken but for what a partial success names', async () => {
    const partial = '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}';
    assert.deepEqual(await outcomeOf(200, {}, partial), { kind: 'accepted', rejected: 3 });
    const warning = '{"partialSuccess":{"errorMessage":"please use another port"}}';
    assert.deepEqual(await outcomeOf(200, {}, warning), { kind: 'accepted', rejected: 0 });
  });

  it('is taken but for what a partial success names, in protobuf', async () => {
    const url = await collector((request, response) => {
      request.resume();
      response.end(Buffer.from([0x0a, 0x02, 0x08, 0x05]));
    });
    assert.deepEqual(await send(exporterTo(url)), { kind: 'accepted', rejected: 5 });
  });

  it('is taken whatever the body of a 200 is', async () => {
    assert.deepEqual(await outcomeOf(200, {}, '<html>'), { kind: 'accepted', rejected: 0 });
    const endless = await collector((request, response) => {
      request.resume();
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', write);
      };
      write();
    });
    assert.deepEqual(await send(exporterTo(endless)), { kind: 'accepted', rejected: 0 });
  });

  it('waits for a collector that is not there, and blames no batch', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const outcome = await send(exporterTo(`http://127.0.0.1:${port}`));
    assert.deepEqual(outcome, { kind: 'retry', reached: false });
  });

  it('may be sent again when the connection breaks', async () => {
    const url = await collector((request) => request.socket.destroy());
    assert.deepEqual(await send(exporterTo(url)), { kind: 'retry', reached: true });
  });

  const SHORT = { OTEL_EXPORTER_OTLP_TIMEOUT: '50' };

  it('may be sent again when no response comes in time', async () => {
    const url = await collector((request) => request.resume());
    assert.deepEqual(await send(exporterTo(url, SHORT)), { kind: 'retry', reached: true });
  });

  it('is not held for ever by a response that trickles', async () => {
    const url = await collector((request, response) => {
      request.resume();
      response.writeHead(503);
      const trickle = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(trickle));
    });
    // Its head may come in time or not.
    const { afterMs, ...outcome } = {
      afterMs: undefined,
      ...(await send(exporterTo(url, SHORT))),
    };
    assert.deepEqual([outcome, afterMs], [{ kind: 'retry', reached: true }, undefined]);
  });

  it('is given up by its sender when it cannot be serialised', async () => {
    const [span] = spans();
    const broken = { ...span, spanContext: () => undefined } as never;
    assert.throws(() => exporterTo('http://127.0.0.1:9').prepare(broken));
    const json = exporterTo('http://127.0.0.1:9', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    await assert.rejects(json.send([broken]));
  });
});

it('a certificate that cannot be read is told by its variable', () => {
  const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' };
  assert.throws(() => exporterTo('https://127.0.0.1:4318', env), {
    name: 'TelemetrySettingsError',
    message: 'OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere/ca.pem cannot be read',
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-05T10:00:00Z');
  const cases: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ['0', 0],
    [' 120 ', 120_000],
    ['Thu, 05 Nov 2026 10:00:30 GMT', 30_000],
    ['Thu, 05 Nov 2026 09:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
  ];
  for (const [value, expected] of cases) {
    it(`${JSON.stringify(value)} is ${expected} ms`, () => {
      assert.equal(retryAfterMs(value, now), expected);
    });
  }
});

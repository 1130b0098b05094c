import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createExporter } from './exporter.ts';
import { SpanQueue } from './span-queue.ts';

/** What an exporter of this protocol sends for one span. */
async function sent(protocol: string | undefined): Promise<{ type: string; body: Buffer }> {
  const received: { type: string; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ type: request.headers['content-type'] ?? '', body: await buffer(request) });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`;
  const exporter = createExporter(
    protocol === undefined ? {} : { OTEL_EXPORTER_OTLP_PROTOCOL: protocol },
  );
  const queue = new SpanQueue({ exporter });
  new TracerProvider({ spanProcessors: [queue] }).getTracer('test').startSpan('work').end();
  await queue.shutdown();
  server.closeAllConnections();
  server.close();
  const [first] = received;
  assert.ok(first);
  return first;
}

test('spans leave as protobuf by default', async () => {
  const { type, body } = await sent(undefined);
  assert.equal(type, 'application/x-protobuf');
  assert.ok(body.includes('work'));
});

test('spans leave as JSON with ids in hex when asked to', async () => {
  const { type, body } = await sent('http/json');
  assert.equal(type, 'application/json');
  const [span] = JSON.parse(body.toString()).resourceSpans[0].scopeSpans[0].spans;
  assert.equal(span.name, 'work');
  assert.match(span.traceId, /^[0-9a-f]{32}$/);
});

test('a protocol that is not spoken is refused by name', () => {
  assert.throws(() => createExporter({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), /grpc.*http\/json/);
});

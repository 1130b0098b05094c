import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Resilience } from '@breakwater/resilience';
import { type PeerServer, servePeer } from '@breakwater/testing';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import { type Client, createClient } from './client.ts';

const spans = new InMemorySpanExporter();
const instrumentation = new UndiciInstrumentation();
let peer: PeerServer;
let client: Client;

before(async () => {
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  peer = await servePeer('peer');
  peer.app.get('/items', (c) => c.json({ traceparent: c.req.header('traceparent') ?? null }));
  peer.app.get('/fails', (c) => c.text('no', 502));
  client = createClient({
    name: 'peer',
    baseUrl: peer.url,
    policy: { retry: { attempts: 2, backoff: { initialMs: 1, maxMs: 1 } } },
    resilience: new Resilience({ metrics: false }),
  });
});

beforeEach(() => spans.reset());

after(async () => {
  instrumentation.disable();
  await peer.stop();
});

const response = z.looseObject({});

/** The CLIENT spans that `work` makes, below a span. */
async function spansOf(work: () => Promise<unknown>): Promise<readonly ReadableSpan[]> {
  const tracer = trace.getTracer('test');
  await tracer.startActiveSpan('around', async (span) => {
    await work().catch(() => {});
    span.end();
  });
  return spans.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
}

/** What the instrumentation says besides: of the socket, and a method that was not changed. */
const NOT_OURS = [
  'http.request.method_original',
  'network.peer.address',
  'network.peer.port',
  'network.protocol.version',
];

for (const path of ['/items', '/items?page=2', '/fails']) {
  test(`one span a request, of the name, status and attributes of the instrumentation's: ${path}`, async () => {
    const [theirs] = await spansOf(() => fetch(`${peer.url}${path}`).then((r) => r.text()));
    spans.reset();
    const made = await spansOf(() =>
      client.call({ method: 'GET', path, response, idempotent: false }),
    );
    assert.equal(made.length, 1);
    const [ours] = made;
    assert.ok(ours && theirs);
    assert.equal(ours.name, theirs.name);
    assert.deepEqual(ours.status, theirs.status);
    const expected = { ...theirs.attributes };
    for (const name of NOT_OURS) delete expected[name];
    // The conventions want it without the question mark, and not at all where there is none.
    const query = String(expected['url.query']).slice(1);
    delete expected['url.query'];
    if (query) expected['url.query'] = query;
    assert.deepEqual({ ...ours.attributes }, expected);
  });
}

test('the trace goes along, once', async () => {
  let told: unknown;
  const [span] = await spansOf(async () => {
    told = (await client.call({ method: 'GET', path: '/items', response })).traceparent;
  });
  const { traceId, spanId } = span?.spanContext() ?? {};
  assert.equal(told, `00-${traceId}-${spanId}-01`);
});

test('without a span around it a request has none, and belongs to no trace', async () => {
  const { traceparent } = await client.call({ method: 'GET', path: '/items', response });
  assert.equal(traceparent, null);
  assert.equal(spans.getFinishedSpans().length, 0);
});

test('each attempt has its span, and says which resend it is', async () => {
  const made = await spansOf(() => client.call({ method: 'GET', path: '/fails', response }));
  const resends = made.map(({ attributes }) => attributes['http.request.resend_count']);
  assert.deepEqual(resends, [undefined, 1]);
  assert.deepEqual(
    made.map(({ status }) => status.code),
    [SpanStatusCode.ERROR, SpanStatusCode.ERROR],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOtlp } from './otlp.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

function payload(spans: object[]) {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

const server = {
  traceId,
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'POST /orders',
  kind: 2,
  startTimeUnixNano: '1795218647487123456',
  endTimeUnixNano: '1795218648987123456',
  attributes: [
    { key: 'http.response.status_code', value: { intValue: '504' } },
    { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
  ],
  events: [{ name: 'opened', timeUnixNano: '1795218648000000000', attributes: [] }],
  status: { code: 2 },
};

test('reads a span with its service, times in milliseconds, attributes and events', () => {
  const span = readOtlp(payload([server])).get(traceId)?.spans[0];
  assert.deepEqual(span, {
    spanId: 'b7ad6b7169203331',
    parentId: '00f067aa0ba902b7',
    service: 'orders',
    name: 'POST /orders',
    kind: 'server',
    startMs: 1795218647487.1235,
    durationMs: 1500,
    failed: true,
    attributes: { 'http.response.status_code': 504, list: [true, 1.5] },
    events: [{ name: 'opened', timeMs: 1795218648000, attributes: {} }],
  });
});

test('a span that was exported twice is kept once', () => {
  assert.equal(readOtlp(payload([server, server])).get(traceId)?.spans.length, 1);
});

test('ids in base64 and enums by name, as protobuf writes them, are read too', () => {
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
  const span = {
    ...server,
    traceId: base64(traceId),
    spanId: base64(server.spanId),
    parentSpanId: '',
    kind: 'SPAN_KIND_CLIENT',
    status: { code: 'STATUS_CODE_UNSET' },
  };
  const read = readOtlp(payload([span])).get(traceId)?.spans[0];
  assert.equal(read?.spanId, server.spanId);
  assert.equal(read?.parentId, undefined);
  assert.equal(read?.kind, 'client');
  assert.equal(read?.failed, false);
});

test('an empty payload has no traces', () => {
  assert.equal(readOtlp({}).size, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtlpTraces } from '../otlp.ts';
import { OtlpBodyError } from './otlp-body.ts';
import { TraceRing } from './trace-ring.ts';

const traceIdOf = (i: number) => i.toString(16).padStart(32, '0');

function exported(traceId: string, count: number, more: object = {}): OtlpTraces {
  const spans = Array.from({ length: count }, (_, i) => ({
    traceId,
    spanId: (i + 1).toString(16).padStart(16, '0'),
    parentSpanId: i === 0 ? '' : '0000000000000001',
    name: 'POST /orders',
    kind: 2,
    startTimeUnixNano: String(1_795_218_648_000_000_000n + BigInt(i)),
    endTimeUnixNano: String(1_795_218_648_050_000_000n + BigInt(i)),
    ...more,
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

const bound = (ring: TraceRing, name: string) => {
  const found = ring.bounds().find((each) => each.name === name);
  assert.ok(found);
  return found;
};

test('spans of one trace from several exports are one trace, each once', async () => {
  const ring = new TraceRing();
  ring.add(exported(traceIdOf(1), 2));
  ring.add(exported(traceIdOf(1), 3));
  const trace = await ring.get(traceIdOf(1));
  assert.equal(trace?.spans.length, 3);
  assert.equal(trace?.spans[0]?.service, 'orders');
  assert.equal(ring.size, 3);
  assert.equal(await ring.get(traceIdOf(2)), undefined);
});

test('the oldest traces go with all their spans, and failed ones stay', async () => {
  const ring = new TraceRing({ maxTraces: 4 });
  ring.add(exported(traceIdOf(1), 2, { status: { code: 2 } }));
  for (let i = 2; i <= 8; i++) ring.add(exported(traceIdOf(i), 2));
  const kept = await Promise.all([1, 2, 5, 6, 7, 8].map((i) => ring.get(traceIdOf(i))));
  assert.deepEqual(
    kept.map((trace) => trace !== undefined),
    [true, false, false, true, true, true],
  );
  assert.equal(bound(ring, 'traces').dropped, 4);
  assert.equal(ring.size, 8);
});

test('a 4xx counts as failed, and failures alone do not fill more than the ring', async () => {
  const ring = new TraceRing({ maxTraces: 4 });
  const notFound = {
    attributes: [{ key: 'http.response.status_code', value: { intValue: '404' } }],
  };
  for (let i = 1; i <= 10; i++) ring.add(exported(traceIdOf(i), 1, notFound));
  ring.add(exported(traceIdOf(11), 1));
  assert.equal(await ring.get(traceIdOf(7)), undefined);
  assert.ok(await ring.get(traceIdOf(8)));
  assert.ok(await ring.get(traceIdOf(11)), 'a trace that just came may fail yet');
  assert.equal(bound(ring, 'traces').used, 4);
});

test('load for half an hour stays within the bounds', () => {
  const ring = new TraceRing({ maxBytes: 1024 * 1024, maxTraces: 500 });
  for (let i = 1; i <= 20_000; i++) {
    ring.add(exported(traceIdOf(i), 8, i % 7 === 0 ? { status: { code: 2 } } : {}));
    if (i % 50 !== 0) continue;
    assert.ok(bound(ring, 'bytes of spans').used <= 1024 * 1024);
    assert.ok(bound(ring, 'traces').used <= 500);
  }
  assert.equal(bound(ring, 'traces').used + bound(ring, 'traces').dropped, 20_000);
  assert.equal(ring.size, bound(ring, 'traces').used * 8);
});

test('of a trace of 10,000 spans only the first are kept', async () => {
  const ring = new TraceRing();
  ring.add(exported(traceIdOf(1), 10_000));
  assert.equal((await ring.get(traceIdOf(1)))?.spans.length, 2_000);
  assert.equal(bound(ring, 'spans of one trace').dropped, 8_000);
});

test('a span that is too large, without a time or without an id is dropped, and counted', async () => {
  const ring = new TraceRing();
  const large = [{ key: 'http.url', value: { stringValue: 'x'.repeat(100_000) } }];
  ring.add(exported(traceIdOf(1), 1, { attributes: large }));
  ring.add(exported(traceIdOf(2), 1, { startTimeUnixNano: 'yesterday' }));
  ring.add({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] });
  assert.equal(ring.size, 0);
  assert.equal(await ring.get(traceIdOf(1)), undefined);
  assert.equal(bound(ring, 'spans of one trace').dropped, 3);
});

for (const [name, payload] of Object.entries({
  'a span that is null': { resourceSpans: [{ scopeSpans: [{ spans: [null] }] }] },
  'an id that is a number': { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 7 }] }] }] },
  'attributes that are text': exported(traceIdOf(1), 1, { attributes: 'text' }),
})) {
  test(`a payload with ${name} is refused, and nothing of it kept`, () => {
    const ring = new TraceRing();
    assert.throws(() => ring.add(payload as unknown as OtlpTraces), OtlpBodyError);
    assert.equal(ring.size, 0);
  });
}

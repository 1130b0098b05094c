import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtlpTraces } from '../otlp.ts';
import { OtlpBodyError } from './otlp-body.ts';
import { TraceRing } from './trace-ring.ts';

const spanIdOf = (i: number) => i.toString(16).padStart(16, '0');
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
  const { found, incomplete } = await ring.get(traceIdOf(1));
  assert.equal(found.length, 3);
  assert.equal(found[0]?.service, 'orders');
  assert.equal(incomplete, undefined);
  assert.equal(ring.size, 3);
  assert.deepEqual((await ring.get(traceIdOf(2))).found, []);
});

test('the oldest traces go with all their spans, and failed ones stay', async () => {
  const ring = new TraceRing({ maxTraces: 4 });
  ring.add(exported(traceIdOf(1), 2, { status: { code: 2 } }));
  for (let i = 2; i <= 8; i++) ring.add(exported(traceIdOf(i), 2));
  const kept = await Promise.all([1, 2, 5, 6, 7, 8].map((i) => ring.get(traceIdOf(i))));
  assert.deepEqual(
    kept.map(({ found }) => found.length > 0),
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
  assert.equal((await ring.get(traceIdOf(7))).found.length, 0);
  assert.equal((await ring.get(traceIdOf(8))).found.length, 1);
  assert.equal(
    (await ring.get(traceIdOf(11))).found.length,
    1,
    'a trace that just came may fail yet',
  );
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
  const { found, incomplete } = await ring.get(traceIdOf(1));
  assert.equal(found.length, 2_000);
  assert.equal(incomplete, '8000 spans of this trace were dropped: 2000 are kept.');
  assert.equal(bound(ring, 'spans of one trace').dropped, 8_000);
});

test('in a trace that is full one that failed takes the place of one that did not', async () => {
  const ring = new TraceRing({ maxSpansOfTrace: 10 });
  ring.add(exported(traceIdOf(1), 10));
  const span = (i: number, more: object) =>
    exported(traceIdOf(1), 1, { ...more, spanId: spanIdOf(i) });
  ring.add(span(100, {}));
  for (let i = 200; i < 205; i++) ring.add(span(i, { status: { code: 2 } }));
  const { found, incomplete } = await ring.get(traceIdOf(1));
  assert.equal(found.length, 10);
  assert.equal(found.filter(({ failed }) => failed).length, 5);
  assert.equal(ring.size, 10);
  assert.match(incomplete ?? '', /^6 spans of this trace were dropped/);
  for (let i = 300; i < 320; i++) ring.add(span(i, { status: { code: 2 } }));
  assert.equal((await ring.get(traceIdOf(1))).found.length, 10);
});

test('what has gone, or came before the start, is not said to have never been', async () => {
  const ring = new TraceRing({ maxTraces: 2, now: () => Date.parse('2026-01-02T03:04:05Z') });
  const since = 'Spans are kept in memory, since 2026-01-02T03:04:05.000Z';
  assert.deepEqual(await ring.get(traceIdOf(9)), { found: [], incomplete: `${since}.` });
  for (let i = 1; i <= 4; i++) ring.add(exported(traceIdOf(i), 1));
  const gone = 'Newer traces have taken the place of its spans.';
  assert.deepEqual(await ring.get(traceIdOf(1)), { found: [], incomplete: gone });
  assert.equal(
    (await ring.get(traceIdOf(9))).incomplete,
    `${since}, and 2 older traces have gone.`,
  );
  ring.add(exported(traceIdOf(1), 1));
  const late = await ring.get(traceIdOf(1));
  assert.equal(late.found.length, 1);
  assert.equal(late.incomplete, gone, 'its first spans are not there any more');
});

test('a span that is too large, without a time or without an id is dropped, and counted', async () => {
  const ring = new TraceRing();
  const large = [{ key: 'http.url', value: { stringValue: 'x'.repeat(100_000) } }];
  ring.add(exported(traceIdOf(1), 1, { attributes: large }));
  ring.add(exported(traceIdOf(2), 1, { startTimeUnixNano: 'yesterday' }));
  ring.add({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] });
  assert.equal(ring.size, 0);
  assert.deepEqual((await ring.get(traceIdOf(1))).found, []);
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

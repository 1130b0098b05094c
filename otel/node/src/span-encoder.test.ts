import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { encodeRequest, encodeSpan } from './span-encoder.ts';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 20 }),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.array(fc.string({ maxLength: 30 }), { maxLength: 6 }),
  fc.array(fc.integer(), { maxLength: 6 }),
  fc.uint8Array({ maxLength: 200 }),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 4 }),
  fc.constant(null),
);
const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 40 }), value, {
  maxKeys: 12,
});
const time = fc.tuple(
  fc.integer({ min: 0, max: 2 ** 33 }),
  fc.integer({ min: 0, max: 999_999_999 }),
);
const spanContext = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.constantFrom(TraceFlags.NONE, TraceFlags.SAMPLED),
  isRemote: fc.constantFrom(undefined, true, false),
  traceState: fc.constantFrom(undefined, new TraceState('a=1,b=2')),
});
const dropped = fc.integer({ min: 0, max: 300 });

const scopes = [{ name: 'a' }, { name: 'b', version: '1.2.3' }, { name: 'c', schemaUrl: 'urn:x' }];
const resources = [
  resourceFromAttributes({ 'service.name': 'one', 'process.pid': 7 }),
  resourceFromAttributes({ 'service.name': 'two' }, { schemaUrl: 'urn:y' }),
];

const span = fc
  .record({
    context: spanContext,
    parentSpanContext: fc.option(spanContext, { nil: undefined }),
    name: fc.string({ unit: 'grapheme', maxLength: 60 }),
    kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CONSUMER),
    startTime: time,
    endTime: time,
    attributes,
    droppedAttributesCount: dropped,
    events: fc.array(
      fc.record(
        { time, name: fc.string(), attributes, droppedAttributesCount: dropped },
        { requiredKeys: ['time', 'name'] },
      ),
      { maxLength: 3 },
    ),
    droppedEventsCount: dropped,
    links: fc.array(
      fc.record(
        { context: spanContext, attributes, droppedAttributesCount: dropped },
        { requiredKeys: ['context'] },
      ),
      { maxLength: 3 },
    ),
    droppedLinksCount: dropped,
    status: fc.record(
      {
        code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR),
        message: fc.string(),
      },
      { requiredKeys: ['code'] },
    ),
    instrumentationScope: fc.constantFrom(...scopes),
    resource: fc.constantFrom(...resources),
  })
  .map(
    ({ context, ...rest }) => ({ ...rest, spanContext: () => context }) as unknown as ReadableSpan,
  );

test('the bytes of a batch are those of the SDK’s own serializer', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
      const theirs = ProtobufTraceSerializer.serializeRequest(spans);
      assert.deepEqual(
        Buffer.concat(encodeRequest(spans.map(encodeSpan))),
        Buffer.from(theirs ?? []),
      );
    }),
    { numRuns: 400 },
  );
});

test('a span longer than the memory it is written to is whole', () => {
  const [made] = fc.sample(span, { numRuns: 1, seed: 1 });
  const long = { ...made, attributes: { long: 'ü'.repeat(100_000) } } as unknown as ReadableSpan;
  const theirs = ProtobufTraceSerializer.serializeRequest([long]);
  assert.deepEqual(Buffer.concat(encodeRequest([encodeSpan(long)])), Buffer.from(theirs ?? []));
});

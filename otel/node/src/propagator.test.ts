import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { clientSpanContext, TracePropagator } from './propagator.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const HEADERS = {
  traceparent: `00-${TRACE_ID}-b7ad6b7169203331-00`,
  baggage: 'tenant=acme',
};

test('continue takes the client’s trace on, also one that the client did not sample', () => {
  const extracted = new TracePropagator('continue').extract(
    ROOT_CONTEXT,
    HEADERS,
    defaultTextMapGetter,
  );
  const span = trace.getSpanContext(extracted);
  assert.equal(span?.traceId, TRACE_ID);
  assert.equal(span?.traceFlags, 0);
  assert.equal(span?.isRemote, true);
});

test('link begins a new trace, and knows the client’s to link it', () => {
  const extracted = new TracePropagator('link').extract(
    ROOT_CONTEXT,
    HEADERS,
    defaultTextMapGetter,
  );
  assert.equal(trace.getSpanContext(extracted), undefined);
  assert.equal(clientSpanContext(HEADERS)?.traceId, TRACE_ID);
});

test('baggage neither comes in nor goes out', () => {
  const propagator = new TracePropagator('continue');
  const extracted = propagator.extract(ROOT_CONTEXT, HEADERS, defaultTextMapGetter);
  assert.equal(propagation.getBaggage(extracted), undefined);
  const carrier: Record<string, string> = {};
  const withBaggage = propagation.setBaggage(
    extracted,
    propagation.createBaggage({ tenant: { value: 'acme' } }),
  );
  propagator.inject(withBaggage, carrier, defaultTextMapSetter);
  assert.deepEqual(carrier, { traceparent: HEADERS.traceparent });
  assert.deepEqual(propagator.fields(), ['traceparent', 'tracestate']);
});

test('a header that is no traceparent names no span', () => {
  for (const traceparent of ['', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    assert.equal(clientSpanContext({ traceparent }), undefined, traceparent);
  }
  assert.equal(clientSpanContext({}), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientLink } from '@breakwater/telemetry/core';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { ContinuedTraces, MAX_CONTINUED } from './client-trace.ts';
import { TracePropagator } from './propagator.ts';
import { readSettings } from './settings.ts';

const clientTraceOf = (env: NodeJS.ProcessEnv) => readSettings(env).clientTrace;

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
/** What Node makes of a header that is sent twice. */
const TWICE = `00-${TRACE_ID}-b7ad6b7169203331-01, 00-${TRACE_ID}-b7ad6b7169203331-01`;
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

test('continue does not take on what a client says to those who read our traces', () => {
  const headers = { ...HEADERS, tracestate: 'ot=th:0,vendor=anything' };
  const states = (['continue', 'peer'] as const).map((mode) => {
    const propagator = new TracePropagator(mode);
    const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const carrier: Record<string, string> = {};
    propagator.inject(extracted, carrier, defaultTextMapSetter);
    return carrier.tracestate;
  });
  assert.deepEqual(states, [undefined, headers.tracestate]);
});

test('a client gets no more than so many requests into one trace of an edge, a peer does', () => {
  const requests = 10 * MAX_CONTINUED;
  const continued = (['continue', 'peer'] as const).map((mode) => {
    const propagator = new TracePropagator(mode);
    const ask = () => propagator.extract(ROOT_CONTEXT, HEADERS, defaultTextMapGetter);
    return Array.from({ length: requests }, ask).filter((each) => trace.getSpanContext(each))
      .length;
  });
  assert.deepEqual(continued, [MAX_CONTINUED, requests]);
});

test('the traces of other clients are continued meanwhile, and few are remembered', () => {
  const traces = new ContinuedTraces();
  for (let i = 0; i < MAX_CONTINUED; i++) assert.equal(traces.take(TRACE_ID), true);
  assert.equal(traces.take(TRACE_ID), false);
  for (let i = 0; i < 10_000; i++) assert.equal(traces.take(String(i)), true);
  assert.equal(traces.take(TRACE_ID), true, 'forgotten');
});

test('link begins a new trace, and knows the client’s to link it', () => {
  const extracted = new TracePropagator('link').extract(
    ROOT_CONTEXT,
    HEADERS,
    defaultTextMapGetter,
  );
  assert.equal(trace.getSpanContext(extracted), undefined);
  assert.equal(clientLink(extracted)?.traceId, TRACE_ID);
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
  for (const traceparent of ['', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, TWICE]) {
    const extracted = new TracePropagator('link').extract(
      ROOT_CONTEXT,
      { traceparent },
      defaultTextMapGetter,
    );
    assert.equal(clientLink(extracted), undefined, traceparent);
  }
});

test('the mode is that of an edge unless the service is told to trust its peers', () => {
  assert.equal(clientTraceOf({}), 'continue');
  assert.equal(clientTraceOf({ CLIENT_TRACE: 'link' }), 'link');
  assert.equal(clientTraceOf({ CLIENT_TRACE: 'link', TRUST: 'internal' }), 'peer');
  assert.equal(clientTraceOf({ CLIENT_TRACE: '', TRUST: 'edge' }), 'continue');
  const wrong = /CLIENT_TRACE=follow is not continue or link/;
  assert.throws(() => clientTraceOf({ CLIENT_TRACE: 'follow', TRUST: 'internal' }), wrong);
});

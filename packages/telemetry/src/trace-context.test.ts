import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  currentSpanContext,
  resendCount,
  toTraceparent,
  withResendCount,
} from './trace-context.ts';

const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
};

test('a span context reads as W3C traceparent', () => {
  assert.equal(toTraceparent(SPAN), '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  assert.match(toTraceparent({ ...SPAN, traceFlags: 0 }), /-00$/);
});

test('the active span is the current one', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  try {
    const active = trace.setSpanContext(ROOT_CONTEXT, SPAN);
    assert.deepEqual(context.with(active, currentSpanContext), SPAN);
  } finally {
    context.disable();
  }
});

test('without a span, each request gets valid ids of its own, marked as not sampled', () => {
  const first = currentSpanContext();
  assert.match(toTraceparent(first), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  assert.notEqual(first.traceId, currentSpanContext().traceId);
});

test('a resend is told by its number, the first attempt by nothing', () => {
  assert.equal(resendCount(withResendCount(ROOT_CONTEXT, 2)), 2);
  assert.equal(resendCount(withResendCount(ROOT_CONTEXT, 0)), undefined);
  assert.equal(resendCount(ROOT_CONTEXT), undefined);
});

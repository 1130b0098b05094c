import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { setSpanRoute } from './route.ts';

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
after(() => context.disable());

test('the route reaches the metadata that the instrumentation reads when the response ends', () => {
  const span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }) as Span;
  const metadata: RPCMetadata = { type: RPCType.HTTP, span };
  context.with(setRPCMetadata(ROOT_CONTEXT, metadata), () => setSpanRoute('/items/:id'));
  assert.equal(metadata.route, '/items/:id');
});

test('outside of a traced request it does nothing', () => {
  assert.doesNotThrow(() => setSpanRoute('/items/:id'));
});

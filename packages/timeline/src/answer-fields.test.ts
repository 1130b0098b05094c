import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerFields } from './answer-fields.ts';
import { answeredSpan } from './answered-span.ts';
import { answeredRequest, parseLogLine } from './log-line.ts';

const METHOD = 'todo.v1.TodoService/GetTodo';

test('a call over gRPC is read as a request, under the path that its errors are counted under', () => {
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': METHOD };
  const told = answerFields({ ...attributes, 'breakwater.status_code': 503 });
  assert.deepEqual(told, { method: 'grpc', route: `/${METHOD}`, status: 503 });
  assert.equal(answerFields({ 'rpc.method': '_OTHER' }).route, 'unmatched');
});

test('a request over HTTP is read as before, and what is neither says nothing', () => {
  const http = {
    'http.request.method': 'GET',
    'http.route': '/a',
    'http.response.status_code': 200,
  };
  assert.deepEqual(answerFields(http), { method: 'GET', route: '/a', status: 200 });
  const nothing = { method: undefined, route: undefined, status: undefined };
  assert.deepEqual(answerFields({}), nothing);
});

test('its line and its span tell the same response', () => {
  const fields = {
    'rpc.system.name': 'grpc',
    'rpc.method': METHOD,
    'rpc.status_code': 'UNAVAILABLE',
    'breakwater.status_code': 502,
  };
  const line = parseLogLine(
    JSON.stringify({
      ...fields,
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'error',
      message: 'it failed',
      'service.name': 'todo',
      trace_id: 'a'.repeat(32),
      error_code: 'BAD_GATEWAY',
      duration_ms: 3,
    }),
  );
  const byLine = line && answeredRequest(line);
  const bySpan = answeredSpan('a'.repeat(32), {
    spanId: 'b'.repeat(16),
    parentId: undefined,
    service: 'todo',
    name: METHOD,
    kind: 'server',
    startMs: 0,
    durationMs: 3,
    failed: true,
    attributes: { ...fields, 'breakwater.error_code': 'BAD_GATEWAY' },
    events: [],
  });
  for (const told of [byLine, bySpan]) {
    assert.equal(told?.route, `/${METHOD}`);
    assert.equal(told?.status, 502);
    assert.equal(told?.method, 'grpc');
    assert.equal(told?.errorCode, 'BAD_GATEWAY');
  }
});

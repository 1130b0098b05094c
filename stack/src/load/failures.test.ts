import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFailure, readMessage, renderFailures } from './failures.ts';

const failure = {
  name: 'order',
  status: 503,
  error_code: 'DEPENDENCY_UNAVAILABLE',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  expected: false,
};
const line = JSON.stringify({ level: 'info', msg: `failed-response ${JSON.stringify(failure)}` });

test('finds failed responses among the lines of the log', () => {
  assert.deepEqual(readFailure(line), failure);
  assert.equal(readFailure('{"msg":"something else"}'), undefined);
  assert.equal(readFailure('no JSON at all'), undefined);
  assert.equal(readMessage('{"msg":"hello"}'), 'hello');
});

test('groups by answer and shows ids to explain', () => {
  const expected = { ...failure, status: 422, error_code: 'VALIDATION_ERROR', expected: true };
  const text = renderFailures([failure, failure, failure, failure, expected]);
  assert.match(text, /4 × 503 DEPENDENCY_UNAVAILABLE, UNEXPECTED/);
  assert.match(text, /1 × 422 VALIDATION_ERROR, as the script expects/);
  assert.equal(text.match(/0af7651916cd43dd8448eb211c80319c/g)?.length, 4);
  assert.equal(renderFailures([]), 'No response failed.');
});

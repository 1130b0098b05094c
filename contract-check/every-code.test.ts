import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, originOf } from '@breakwater/errors';
import { loadDefinitions } from '../error-contract/definitions.ts';
import { overGrpc, overHttp } from '../packages/grpc/src/testing/round-trip.ts';

function told(error: AppError) {
  const { code, status, message, context, retryAfterS, retryable } = error;
  return { code, status, message, context, retryAfterS, retryable, origin: originOf(error) };
}

const definitions = await loadDefinitions();

test('there are codes of the library, of services and of the orchestrator', () => {
  const codes = definitions.map(({ kind }) => kind.code);
  for (const code of ['NOT_FOUND', 'AMOUNT_NOT_REPRESENTABLE', 'ORCH-999']) {
    assert.ok(codes.includes(code), code);
  }
});

for (const { kind } of definitions) {
  test(`${kind.code} is the same error over HTTP, gRPC and HTTP again`, () => {
    const context = { order_id: 'o-1', nested: { list: [1, null] } };
    const first = overHttp(new AppError('It did not work.', { kind, context, retryAfterS: 3 }));
    assert.equal(first.code, kind.code);
    const second = overGrpc(first);
    assert.deepEqual(told(second), told(first));
    assert.deepEqual(told(overHttp(second)), told(first));
  });
}

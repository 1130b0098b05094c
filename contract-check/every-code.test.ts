import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, decodeErrorBody, originOf, renderError } from '@breakwater/errors';
import { decodeStatus, encodeError } from '@breakwater/grpc';
import { loadDefinitions } from '../error-contract/definitions.ts';

const CALL = { traceId: 'a'.repeat(32), requestId: 'r-1', serviceName: 'shelf' };

/** The error as a caller over HTTP reads it. */
function overHttp(error: AppError): AppError {
  const { status, headers, body } = renderError('problem', { error, path: '/', ...CALL });
  return decodeErrorBody(status, new Headers(headers), body) ?? assert.fail('no error');
}

/** The error as a caller over gRPC reads it. */
function overGrpc(error: AppError): AppError {
  return decodeStatus(encodeError(error, CALL).metadata) ?? assert.fail('no error');
}

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

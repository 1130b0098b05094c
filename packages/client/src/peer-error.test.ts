import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AppError,
  BadGatewayError,
  DeadlineExceededError,
  DependencyError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeErrorBody,
} from '@breakwater/errors';
import { fromPeer } from './peer-error.ts';

function answered(status: number, code: string, headers: Record<string, string> = {}): AppError {
  const body = {
    type: `/docs#${code}`,
    title: 'The plan of pg-7.internal:5432.',
    status,
    detail: 'select * from plans failed',
    error_code: code,
    context: { order_id: 'o-1', host: 'pg-7.internal' },
  };
  const error = decodeErrorBody(status, new Headers(headers), JSON.stringify(body));
  assert.ok(error);
  return error;
}

test('a peer’s 4xx about the caller’s own input passes as it is', () => {
  for (const [status, code] of [
    [400, 'LIMIT_TOO_LARGE'],
    [404, 'ITEM_NOT_FOUND'],
    [409, 'INSUFFICIENT_STOCK'],
    [422, 'VALIDATION_ERROR'],
  ] as const) {
    const error = answered(status, code);
    assert.equal(fromPeer('catalog', error), error);
  }
});

test('a deadline that a peer noticed first is still the deadline', () => {
  const error = fromPeer('orders', answered(504, 'DEADLINE_EXCEEDED'));
  assert.ok(error instanceof DeadlineExceededError);
  assert.deepEqual(error.context, { dependency: 'orders' });
});

test('everything else is told in our own words, with the peer’s name and code', () => {
  const cases: [status: number, code: string, expected: typeof DependencyError][] = [
    [500, 'INTERNAL_ERROR', BadGatewayError as never],
    [501, 'NOT_DONE', BadGatewayError as never],
    [502, 'BAD_GATEWAY', BadGatewayError as never],
    [503, 'DATABASE_UNAVAILABLE', DependencyUnavailableError as never],
    [504, 'DEPENDENCY_TIMEOUT', DependencyTimeoutError as never],
    [401, 'AUTHENTICATION_REQUIRED', BadGatewayError as never],
    [403, 'NOT_ALLOWED', BadGatewayError as never],
    [404, 'ROUTE_NOT_FOUND', BadGatewayError as never],
    [400, 'MALFORMED_REQUEST', BadGatewayError as never],
    [405, 'METHOD_NOT_ALLOWED', BadGatewayError as never],
    [413, 'PAYLOAD_TOO_LARGE', BadGatewayError as never],
    [415, 'UNSUPPORTED_MEDIA_TYPE', BadGatewayError as never],
    [429, 'RATE_LIMITED', DependencyUnavailableError as never],
  ];
  for (const [status, code, expected] of cases) {
    const peerError = answered(status, code);
    const error = fromPeer('catalog', peerError, ['order_id', 'absent']);
    assert.ok(error instanceof DependencyError);
    assert.equal(error.constructor, expected, code);
    assert.deepEqual(error.context, {
      dependency: 'catalog',
      dependency_code: code,
      order_id: 'o-1',
    });
    assert.doesNotMatch(error.message, /plan|select|internal/);
    assert.equal(error.cause, peerError, 'the log has the whole of it');
  }
});

test('when the peer says how long to wait, we say so too', () => {
  const error = fromPeer('catalog', answered(503, 'OVERLOADED', { 'retry-after': '7' }));
  assert.equal((error as AppError).retryAfterS, 7);
});

test('errors of this process pass unchanged', () => {
  const own = [new DependencyTimeoutError('catalog'), new AppError('bug'), new TypeError('x'), 'x'];
  for (const thrown of own) assert.equal(fromPeer('catalog', thrown), thrown);
});

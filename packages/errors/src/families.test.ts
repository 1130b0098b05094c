import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './app-error.ts';
import * as business from './business-errors.ts';
import * as client from './client-errors.ts';
import type { ErrorKind } from './kind.ts';
import * as orchestrator from './orchestrator.ts';
import * as technical from './technical-errors.ts';

/** The design's table: who fails decides how it is answered, logged and whether it may be retried. */
const TABLE: Record<string, string> = {
  ValidationError: '422 client info',
  InvalidRequestError: '400 client info',
  LimitTooLargeError: '400 client info',
  AuthenticationError: '401 client warn',
  AuthorizationError: '403 client warn',
  NotFoundError: '404 client info',
  RouteNotFoundError: '404 client info',
  MethodNotAllowedError: '405 client info',
  RequestTimeoutError: '408 client info',
  PayloadTooLargeError: '413 client info',
  UnsupportedMediaTypeError: '415 client info',
  HeadersTooLargeError: '431 client info',
  MalformedRequestError: '400 client info',
  RateLimitError: '429 client warn retry',
  RequestCancelledError: '499 client info',
  BusinessRuleError: '409 business info',
  ConflictError: '409 business info',
  AlreadyExistsError: '409 business info',
  DependencyError: '502 technical error retry alerts',
  BadGatewayError: '502 technical error retry alerts',
  DependencyUnavailableError: '503 technical error retry alerts',
  DependencyTimeoutError: '504 technical error retry alerts',
  DeadlineExceededError: '504 technical error retry alerts',
  OverloadedError: '503 technical error retry alerts',
  DatabaseError: '500 technical error alerts',
  DatabaseTimeoutError: '504 technical error alerts',
  DatabaseUnavailableError: '503 technical error retry alerts',
};

test('every class of the family stands in the table, and as the table says', () => {
  const found = Object.entries({ ...client, ...business, ...technical })
    .filter(([, value]) => typeof value === 'function' && 'kind' in value)
    .map(([name, value]) => [name, summary((value as typeof AppError).kind)]);
  assert.deepEqual(Object.fromEntries(found), TABLE);
});

test('every class of the family declares its name', () => {
  const routing = { RouteNotFoundError: 'HTTPException', MethodNotAllowedError: 'HTTPException' };
  for (const family of [client, business, technical, orchestrator]) {
    for (const [name, value] of Object.entries(family)) {
      if (typeof value !== 'function' || !('kind' in value)) continue;
      assert.equal(value.kind.name, Reflect.get(routing, name) ?? name);
    }
  }
});

function summary({ status, type, logLevel, retryable, alerts }: ErrorKind): string {
  return [
    status,
    type,
    logLevel,
    ...(retryable ? ['retry'] : []),
    ...(alerts ? ['alerts'] : []),
  ].join(' ');
}

test('a resource that is not there has a code of its own', () => {
  const error = new client.NotFoundError('order line', 7);
  assert.equal(error.code, 'ORDER_LINE_NOT_FOUND');
  assert.equal(error.message, 'Order line 7 was not found.');
  assert.deepEqual(error.context, { resource: 'order line', identifier: 7 });
  assert.equal(new client.NotFoundError('order-line', 7).kind, error.kind);
  assert.equal(new client.NotFoundError('route', '/x').code, 'ROUTE_NOT_FOUND');
});

test('what exists already is named by its field; two resources may share one', () => {
  const error = new business.AlreadyExistsError('user', 'email', 'a@b.c');
  assert.equal(error.code, 'EMAIL_ALREADY_EXISTS');
  assert.deepEqual(error.context, { resource: 'user', field: 'email', value: 'a@b.c' });
  assert.deepEqual([error.status, error.kind.statusIn], [409, { envelope: 400 }]);
  assert.equal(new business.AlreadyExistsError('customer', 'email', 'a@b.c').kind, error.kind);
});

test('a secret that exists already is not told', () => {
  const { context } = new business.AlreadyExistsError('device', 'api_token', 's3cret');
  assert.equal(context.value, '[redacted]');
});

test('an authentication error keeps its challenge and what an options object adds', () => {
  assert.equal(new client.AuthenticationError().challenge, 'Bearer');
  const cause = new Error('bad signature');
  const error = new client.AuthenticationError('No.', 'X-Token realm="r"', { cause });
  assert.deepEqual([error.challenge, error.cause], ['X-Token realm="r"', cause]);
});

test('a dependency error knows which dependency, and what became of the request', () => {
  const of = (error: technical.DependencyError) => [error.dependency, error.delivery];
  assert.deepEqual(of(new technical.BadGatewayError('catalog')), ['catalog', 'answered']);
  assert.deepEqual(of(new technical.DependencyTimeoutError('catalog')), ['catalog', 'unknown']);
  const refused = new technical.DependencyUnavailableError('catalog', { delivery: 'not_sent' });
  assert.deepEqual(of(refused), ['catalog', 'not_sent']);
  assert.ok(!('delivery' in refused.context), 'what became of it is for the log');
});

test('a validation error lists its fields where clients look for them', () => {
  const fields = [{ path: 'body.email', rule: 'invalid_format', message: 'is no address' }];
  assert.deepEqual(new client.ValidationError('No.', fields).context, { fields });
  assert.deepEqual(new client.ValidationError('No.').context, { fields: [] });
});

test('every entry says what happened and what both sides should do', () => {
  for (const { kind } of [AppError, client.RateLimitError, technical.DatabaseError]) {
    for (const text of [kind.meaning, kind.client, kind.operator]) assert.match(text, /\.$/);
  }
});

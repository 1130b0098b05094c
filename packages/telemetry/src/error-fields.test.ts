import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  DatabaseError,
  DependencyUnavailableError,
  decodeErrorBody,
  InternalError,
  NotFoundError,
} from '@breakwater/errors';
import { errorFields } from './error-fields.ts';
import { FIELDS } from './names.ts';

const hasStack = (error: Parameters<typeof errorFields>[0]) =>
  FIELDS.exceptionStack in errorFields(error);

test('a bug has the stack of what was thrown', () => {
  const thrown = new TypeError('x is not a function');
  assert.equal(errorFields(new InternalError(thrown))[FIELDS.exceptionStack], thrown.stack);
});

test('a 500 has a stack whatever is behind it', () => {
  assert.ok(hasStack(new DatabaseError('The database refused the request.')));
});

test('a dependency that failed in a library has the stack of that', () => {
  const cause = new Error('connect ECONNREFUSED');
  assert.ok(hasStack(new DependencyUnavailableError('orders', { cause })));
});

test('a rejection, wrapped or not, has no stack: it was decided here', () => {
  const rejection = new DependencyUnavailableError('provider', { delivery: 'not_sent' });
  assert.ok(!hasStack(rejection));
  assert.ok(!hasStack(new DependencyUnavailableError('payments', { cause: rejection })));
});

test('an error read from a peer’s answer has no stack: it would be that of the decoder', () => {
  const body = JSON.stringify({ error_code: 'BOOM', message: 'no' });
  const cause = decodeErrorBody(503, new Headers(), body);
  assert.ok(cause);
  assert.ok(!hasStack(new BadGatewayError('payments', { cause })));
});

test('what the client or the business did has no stack', () => {
  assert.ok(!hasStack(new NotFoundError('item', 'x')));
});

test('causes are told from the outside in, and a cycle ends', () => {
  const inner = new Error('inner');
  const outer = new Error('outer', { cause: inner });
  inner.cause = outer;
  const { causes } = errorFields(new InternalError(outer)) as { causes: { message: string }[] };
  assert.deepEqual(
    causes.map(({ message }) => message),
    ['outer', 'inner'],
  );
});

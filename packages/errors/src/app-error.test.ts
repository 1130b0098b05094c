import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, InternalError } from './app-error.ts';
import { ConflictError } from './business-errors.ts';
import { defineKind, findKind } from './kind.ts';

class OutOfStockError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    code: 'TEST_OUT_OF_STOCK',
    meaning: 'Fewer items are in stock than were asked for.',
  });
}

test('adding a kind of error is one class', () => {
  const cause = new Error('below');
  const error = new OutOfStockError('Only 2 left.', {
    context: { available: 2 },
    internal: { shelf: 7 },
    cause,
    retryAfterS: 3,
  });
  assert.ok(error instanceof ConflictError && error instanceof AppError && error instanceof Error);
  assert.equal(error.name, 'OutOfStockError');
  assert.equal(error.code, 'TEST_OUT_OF_STOCK');
  assert.equal(error.status, 409);
  assert.equal(error.retryable, false);
  assert.equal(error.kind.type, 'business');
  assert.equal(error.cause, cause);
  assert.deepEqual([error.context, error.internal], [{ available: 2 }, { shelf: 7 }]);
  assert.equal(error.retryAfterS, 3);
  assert.equal(findKind('TEST_OUT_OF_STOCK'), error.kind);
});

test('a class without a kind of its own speaks with its parent’s code and its own name', () => {
  class EmptyShelfError extends OutOfStockError {}
  const error = new EmptyShelfError('Nothing left.');
  assert.equal(error.code, 'TEST_OUT_OF_STOCK');
  assert.equal(error.name, 'EmptyShelfError');
  assert.ok(!('cause' in error));
});

test('a name may be set, as that of any Error', () => {
  const error = new ConflictError('No.');
  assert.equal(error.name, 'ConflictError');
  for (const name of ['AbortError', 'Other']) {
    error.name = name;
    assert.equal(error.name, name);
  }
  assert.ok(!Object.keys(error).includes('name'));
  assert.equal(new ConflictError('No.').name, 'ConflictError');
});

test('an internal error says nothing about its cause', () => {
  const cause = new TypeError('x is undefined');
  const error = new InternalError(cause);
  assert.equal(error.cause, cause);
  assert.equal(error.message, 'Something went wrong on our side.');
  assert.deepEqual([error.code, error.status, error.kind.alerts], ['INTERNAL_ERROR', 500, true]);
});

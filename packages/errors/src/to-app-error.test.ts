import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalError } from './app-error.ts';
import { ConflictError } from './business-errors.ts';
import { type ErrorMapping, toAppError } from './to-app-error.ts';

class LibraryError extends Error {}

test('an error of the contract is itself', () => {
  const error = new ConflictError('No.');
  assert.equal(toAppError(error), error);
});

for (const thrown of [new Error('bug'), 'text', undefined, null, 42, { code: 'X' }, Symbol('s')]) {
  test(`anything else is a bug, with what was thrown as its cause: ${String(thrown)}`, () => {
    const error = toAppError(thrown);
    assert.ok(error instanceof InternalError);
    if (thrown !== undefined) assert.equal(error.cause, thrown);
  });
}

test('a library’s errors read as the first mapping that knows them says, and only where it is given', () => {
  const mapping =
    (message: string): ErrorMapping =>
    (error) =>
      error instanceof LibraryError ? new ConflictError(message) : undefined;
  const nothing: ErrorMapping = () => undefined;
  const thrown = new LibraryError();
  assert.equal(toAppError(thrown, [nothing, mapping('1'), mapping('2')]).message, '1');
  assert.ok(toAppError(thrown, [nothing]) instanceof InternalError);
  assert.ok(toAppError(thrown) instanceof InternalError);
  assert.ok(toAppError(new Error('of another'), [mapping('1')]) instanceof InternalError);
});

test('a mapping that throws is passed over', () => {
  const broken: ErrorMapping = () => {
    throw new Error('mapping is broken');
  };
  const thrown = new LibraryError('original');
  assert.equal(toAppError(thrown, [broken]).cause, thrown);
});

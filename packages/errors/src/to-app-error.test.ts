import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalError } from './app-error.ts';
import { ConflictError } from './business-errors.ts';
import { InvalidRequestError } from './client-errors.ts';
import { onLibraryError, toAppError } from './to-app-error.ts';

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

test('a library’s errors read as its mapping says, the latest registration first', () => {
  const isLibraryError = (error: unknown) => error instanceof LibraryError;
  const first = onLibraryError(isLibraryError, () => new InvalidRequestError('first'));
  const second = onLibraryError(isLibraryError, () => new ConflictError('second'));
  assert.equal(toAppError(new LibraryError()).message, 'second');
  second();
  second();
  assert.equal(toAppError(new LibraryError()).message, 'first');
  first();
  assert.ok(toAppError(new LibraryError()) instanceof InternalError);
});

test('a mapping that throws is passed over', () => {
  const broken = onLibraryError(
    () => true,
    () => {
      throw new Error('mapping is broken');
    },
  );
  const thrown = new LibraryError('original');
  assert.equal(toAppError(thrown).cause, thrown);
  broken();
});

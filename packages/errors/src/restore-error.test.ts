import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotFoundError } from './client-errors.ts';
import { originOf, restoreError } from './decode.ts';

test('what another service said of its error is the same error here, with where it came from', () => {
  const error = restoreError({
    code: 'ITEM_NOT_FOUND',
    message: 'Item 7 was not found.',
    context: { identifier: 7 },
    status: 404,
    traceId: 'a'.repeat(32),
    serviceName: 'shelf',
    retryAfterS: 3,
  });
  assert.ok(error instanceof NotFoundError);
  const { code, message, context, status, retryAfterS } = error;
  assert.deepEqual(
    { code, message, context, status, retryAfterS },
    {
      code: 'ITEM_NOT_FOUND',
      message: 'Item 7 was not found.',
      context: { identifier: 7 },
      status: 404,
      retryAfterS: 3,
    },
  );
  const origin = { status: 404, traceId: 'a'.repeat(32), serviceName: 'shelf' };
  assert.deepEqual(originOf(error), origin);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DependencyUnavailableError } from '@breakwater/errors';
import {
  discourageRetry,
  isRetryDiscouraged,
  readRetryHint,
  retryHintHeaders,
} from './retry-hint.ts';

test('a mark is seen through the causes above it, and travels as a header', () => {
  const provider = discourageRetry(new DependencyUnavailableError('provider'));
  const wrapped = new DependencyUnavailableError('payments', { cause: provider });
  assert.equal(isRetryDiscouraged(wrapped), true);
  const headers = new Headers(retryHintHeaders(wrapped));
  const decoded = readRetryHint(new DependencyUnavailableError('payments'), headers);
  assert.equal(isRetryDiscouraged(decoded), true);
});

test('without a mark there is no header, and no header is no mark', () => {
  const error = new Error('down');
  assert.deepEqual(retryHintHeaders(error), {});
  for (const value of ['true', '', 'no']) {
    readRetryHint(error, new Headers({ 'x-should-retry': value }));
    assert.equal(isRetryDiscouraged(error), false, value);
  }
});

test('reads the header in any case, and one that came twice', () => {
  for (const value of ['false', ' FALSE ', 'false, false', 'true, False']) {
    const error = readRetryHint(new Error('down'), new Headers({ 'x-should-retry': value }));
    assert.equal(isRetryDiscouraged(error), true, value);
  }
});

test('bears what is no error, and causes in a circle', () => {
  assert.equal(discourageRetry('down'), 'down');
  assert.equal(isRetryDiscouraged('down'), false);
  const [a, b] = [new Error('a'), new Error('b')];
  a.cause = b;
  b.cause = a;
  assert.equal(isRetryDiscouraged(a), false);
});

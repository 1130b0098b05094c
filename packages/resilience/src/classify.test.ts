import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeErrorBody,
  InternalError,
  InvalidRequestError,
  NotFoundError,
  OverloadedError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import { classify, errorType, retryReason } from './classify.ts';
import { BulkheadFullError, CircuitOpenError } from './errors.ts';

const BY_TIMEOUT = { boundBy: 'timeout' } as const;
const BY_DEADLINE = { boundBy: 'deadline' } as const;

test('what the dependency does wrong is a failure', () => {
  const failures = [
    new BadGatewayError('catalog'),
    new DependencyUnavailableError('catalog'),
    new DependencyTimeoutError('catalog'),
    new CircuitOpenError('further-down'),
    new OverloadedError('busy'),
    new InternalError(new Error('bug')),
    new TypeError('fetch failed'),
    'a string',
    undefined,
  ];
  for (const error of failures) assert.equal(classify(error, BY_TIMEOUT), 'failure', String(error));
});

test('what the caller did wrong, and what a rule forbids, is not', () => {
  const answers = [
    new InvalidRequestError('no'),
    new NotFoundError('item', 7),
    new ConflictError('no'),
    new RateLimitError('slow down'),
    new BulkheadFullError('further-down'),
  ];
  for (const error of answers) assert.equal(classify(error, BY_TIMEOUT), 'ignored', String(error));
});

test('a caller that went away says nothing about the dependency', () => {
  assert.equal(classify(new RequestCancelledError('gone'), BY_TIMEOUT), 'cancelled');
});

test('"deadline exceeded" is the doing of whoever set the tighter bound', () => {
  const own = new DeadlineExceededError('over');
  const headers = { get: () => null };
  const body = JSON.stringify({ error_code: 'DEADLINE_EXCEEDED', message: 'over' });
  const peers = decodeErrorBody(504, headers, body);
  for (const error of [own, peers]) {
    assert.equal(classify(error, BY_DEADLINE), 'cancelled');
    assert.equal(classify(error, BY_TIMEOUT), 'failure');
  }
});

test('reasons and types are bounded words', () => {
  assert.equal(retryReason(new DependencyTimeoutError('a')), 'timeout');
  assert.equal(retryReason(new DependencyUnavailableError('a')), 'unavailable');
  assert.equal(retryReason(new BadGatewayError('a')), 'bad_answer');
  assert.equal(retryReason(new RateLimitError('a')), 'rate_limited');
  assert.equal(retryReason(new Error('a')), 'error');
  assert.equal(errorType(new BadGatewayError('a')), 'BAD_GATEWAY');
  assert.equal(errorType(new RangeError('a')), 'RangeError');
  assert.equal(errorType('a'), 'string');
});

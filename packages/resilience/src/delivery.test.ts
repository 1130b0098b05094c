import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConflictError,
  DeadlineExceededError,
  type Delivery,
  DependencyTimeoutError,
  DependencyUnavailableError,
  decodeErrorBody,
  InternalError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import { deliveryOf, lessCertain, standing } from './delivery.ts';
import { CircuitOpenError, callCancelled, deadlineExceeded } from './errors.ts';

test('only what says so was not sent', () => {
  const cases: [error: unknown, delivery: Delivery][] = [
    [new CircuitOpenError('a'), 'not_sent'],
    [new DependencyUnavailableError('a', { delivery: 'not_sent' }), 'not_sent'],
    [new DependencyUnavailableError('a'), 'answered'],
    [new DependencyTimeoutError('a'), 'unknown'],
    [deadlineExceeded('a', 'not_sent'), 'not_sent'],
    [deadlineExceeded('a', 'unknown'), 'unknown'],
    [callCancelled('a', 'not_sent', undefined), 'not_sent'],
    [new DeadlineExceededError('over'), 'unknown'],
    [new RequestCancelledError('gone'), 'unknown'],
    [new ConflictError('no'), 'answered'],
    [new InternalError(new Error('bug')), 'answered'],
    [peerAnswer(504, 'DEPENDENCY_TIMEOUT'), 'unknown'],
    [peerAnswer(503, 'CIRCUIT_OPEN'), 'answered'],
    [new TypeError('fetch failed'), 'unknown'],
    [undefined, 'unknown'],
  ];
  for (const [error, delivery] of cases) assert.equal(deliveryOf(error), delivery, String(error));
});

test('the less certain of two', () => {
  assert.equal(lessCertain('not_sent', 'answered'), 'answered');
  assert.equal(lessCertain('unknown', 'answered'), 'unknown');
  assert.equal(lessCertain('answered', 'unknown'), 'unknown');
});

test('a call fails with the attempt that knows least', () => {
  const timeout = { error: new DependencyTimeoutError('a'), outcome: 'failure' } as const;
  const refusedConnection = {
    error: new DependencyUnavailableError('a', { delivery: 'not_sent' }),
    outcome: 'failure',
  } as const;
  const openCircuit = { error: new CircuitOpenError('a'), outcome: 'rejected' } as const;
  const answer = { error: new ConflictError('declined'), outcome: 'ignored' } as const;
  assert.equal(standing(undefined, openCircuit), openCircuit);
  assert.equal(standing(timeout, refusedConnection), timeout);
  assert.equal(standing(refusedConnection, timeout), timeout);
  assert.equal(standing(timeout, openCircuit), timeout);
  assert.equal(standing(timeout, answer), answer);
  const door = { error: new RateLimitError('too many'), outcome: 'ignored' } as const;
  assert.equal(standing(timeout, door), timeout);
  assert.equal(standing(undefined, door), door);
  // A peer that names its own dependency is not at fault, and has no verdict either.
  const peersPeer = {
    error: peerAnswer(503, 'DEPENDENCY_UNAVAILABLE'),
    outcome: 'ignored',
  } as const;
  assert.equal(standing(timeout, peersPeer), timeout);
});

function peerAnswer(status: number, error_code: string): unknown {
  const body = JSON.stringify({ error_code, message: 'from a peer' });
  return decodeErrorBody(status, { get: () => null }, body);
}

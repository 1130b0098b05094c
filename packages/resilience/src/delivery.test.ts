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
import { AttemptOutcome } from './outcome.ts';

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
  const timeout = new AttemptOutcome('timed_out', new DependencyTimeoutError('a'));
  const notSent = new DependencyUnavailableError('a', { delivery: 'not_sent' });
  const refusedConnection = new AttemptOutcome('failed', notSent);
  const openCircuit = new AttemptOutcome('rejected', new CircuitOpenError('a'));
  const innerCircuit = new AttemptOutcome('refused', new CircuitOpenError('b'));
  const answer = new AttemptOutcome('answered', new ConflictError('declined'));
  assert.equal(standing(undefined, openCircuit), openCircuit);
  assert.equal(standing(timeout, refusedConnection), timeout);
  assert.equal(standing(refusedConnection, timeout), timeout);
  assert.equal(standing(timeout, openCircuit), timeout);
  assert.equal(standing(timeout, innerCircuit), timeout);
  assert.equal(standing(timeout, answer), answer);
  const door = new AttemptOutcome('turned_away', new RateLimitError('too many'));
  assert.equal(standing(timeout, door), timeout);
  assert.equal(standing(undefined, door), door);
  // A peer that names its own dependency is not at fault, and has no verdict either.
  const beyond = peerAnswer(503, 'DEPENDENCY_UNAVAILABLE');
  assert.equal(standing(timeout, new AttemptOutcome('failed_beyond', beyond)), timeout);
});

test('an answer that is not about the operation leaves open what became of it', () => {
  const timeout = new AttemptOutcome('timed_out', new DependencyTimeoutError('a'));
  for (const status of [401, 403, 408]) {
    const answer = new AttemptOutcome('answered', peerAnswer(status, 'NOT_NOW'));
    assert.equal(standing(timeout, answer), timeout, String(status));
  }
});

test('who ended the call knows of the attempts before', () => {
  const timeout = new AttemptOutcome('timed_out', new DependencyTimeoutError('a'));
  for (const ending of ['cancelled', 'out_of_time', 'hung'] as const) {
    const ended = new AttemptOutcome(ending, deadlineExceeded('a', 'not_sent'));
    assert.equal(standing(timeout, ended), ended);
  }
});

function peerAnswer(status: number, error_code: string): unknown {
  const body = JSON.stringify({ error_code, message: 'from a peer' });
  return decodeErrorBody(status, { get: () => null }, body);
}

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
import { BulkheadFullError, CircuitIsolatedError, CircuitOpenError } from './errors.ts';
import {
  type AttemptFacts,
  AttemptOutcome,
  describe,
  type Ending,
  errorType,
  retryReason,
} from './outcome.ts';

const BY_TIMEOUT: AttemptFacts = { boundBy: 'timeout', waitedMs: 10, timeoutMs: 1_000 };
const BY_DEADLINE: AttemptFacts = { boundBy: 'deadline', waitedMs: 10, timeoutMs: 1_000 };
const AT_LENGTH: AttemptFacts = { ...BY_DEADLINE, waitedMs: 500 };

function fromPeer(status: number, error_code: string, context = {}): unknown {
  const body = JSON.stringify({ error_code, message: 'from a peer', context });
  return decodeErrorBody(status, { get: () => null }, body);
}

const BEYOND = { dependency: 'ldap' };
const cases: [ending: Ending, errors: unknown[]][] = [
  [
    'failed',
    [
      new BadGatewayError('catalog'),
      new DependencyUnavailableError('catalog', { delivery: 'not_sent' }),
      new DependencyTimeoutError('catalog'),
      new OverloadedError('busy'),
      new InternalError(new Error('bug')),
      new TypeError('fetch failed'),
      'a string',
      undefined,
      fromPeer(503, 'OVERLOADED'),
      fromPeer(500, 'INTERNAL_ERROR'),
      fromPeer(503, 'CIRCUIT_OPEN'),
      fromPeer(504, 'DEADLINE_EXCEEDED'),
      new DeadlineExceededError('over'),
    ],
  ],
  [
    'failed_beyond',
    [
      fromPeer(503, 'DEPENDENCY_UNAVAILABLE', BEYOND),
      fromPeer(503, 'CIRCUIT_OPEN', BEYOND),
      fromPeer(503, 'BULKHEAD_FULL', BEYOND),
      fromPeer(504, 'DEPENDENCY_TIMEOUT', BEYOND),
      fromPeer(502, 'BAD_GATEWAY', BEYOND),
      fromPeer(504, 'DEADLINE_EXCEEDED', BEYOND),
    ],
  ],
  [
    'answered',
    [
      new InvalidRequestError('no'),
      new NotFoundError('item', 7),
      new ConflictError('no'),
      fromPeer(404, 'ITEM_NOT_FOUND', BEYOND),
    ],
  ],
  ['turned_away', [new RateLimitError('slow down'), fromPeer(429, 'TOO_FAST')]],
  [
    'refused',
    [
      new BulkheadFullError('further-down'),
      new CircuitOpenError('further-down'),
      new CircuitIsolatedError('further-down'),
    ],
  ],
  ['cancelled', [new RequestCancelledError('gone')]],
];
for (const [ending, errors] of cases) {
  test(`what ${ending}`, () => {
    for (const error of errors) {
      assert.equal(describe(error, BY_TIMEOUT), ending, errorType(error));
    }
  });
}

test('a peer that says we went away, while we wait, is no caller that went away', () => {
  assert.equal(describe(fromPeer(499, 'REQUEST_CANCELLED'), BY_TIMEOUT), 'answered');
});

test('"deadline exceeded" is the doing of whoever set the tighter bound', () => {
  for (const error of [new DeadlineExceededError('over'), fromPeer(504, 'DEADLINE_EXCEEDED')]) {
    assert.equal(describe(error, BY_DEADLINE), 'out_of_time');
    assert.equal(describe(error, AT_LENGTH), 'hung', 'the dependency had half of its timeout');
    assert.equal(describe(error, BY_TIMEOUT), 'failed');
  }
  const beyond = fromPeer(504, 'DEADLINE_EXCEEDED', BEYOND);
  assert.equal(describe(beyond, BY_DEADLINE), 'out_of_time');
  assert.equal(describe(beyond, AT_LENGTH), 'failed_beyond');
});

test('reasons and types are bounded words', () => {
  const failed = (error: unknown) => retryReason(new AttemptOutcome('failed', error));
  assert.equal(failed(new DependencyTimeoutError('a')), 'timeout');
  assert.equal(failed(new DependencyUnavailableError('a')), 'unavailable');
  assert.equal(failed(new BadGatewayError('a')), 'bad_answer');
  assert.equal(failed(new Error('a')), 'error');
  const limited = new BadGatewayError('a');
  assert.equal(retryReason(new AttemptOutcome('turned_away', limited)), 'rate_limited');
  assert.equal(errorType(new BadGatewayError('a')), 'BAD_GATEWAY');
  assert.equal(errorType(new RangeError('a')), 'RangeError');
  assert.equal(errorType('a'), 'string');
});

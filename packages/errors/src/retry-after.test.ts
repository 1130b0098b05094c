import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './app-error.ts';
import { RateLimitError } from './client-errors.ts';
import { decodeErrorBody } from './decode.ts';
import { renderError } from './formats/index.ts';
import { MAX_RETRY_AFTER_S, readRetryAfter } from './retry-after.ts';

const NOW = Date.UTC(2026, 6, 1, 12, 0, 0);
const at = (ms: number) => new Date(NOW + ms).toUTCString();
const read = (value: string, more: Record<string, string> = {}) =>
  readRetryAfter(new Headers({ 'retry-after': value, ...more }), NOW);

test('seconds, as many digits as there are, and never more than a day', () => {
  const cases: [string, number][] = [
    ['0', 0],
    ['1', 1],
    ['007', 7],
    ['  30  ', 30],
    ['86400', MAX_RETRY_AFTER_S],
    ['86401', MAX_RETRY_AFTER_S],
    ['99999999999999999999', MAX_RETRY_AFTER_S],
    ['9'.repeat(400), MAX_RETRY_AFTER_S],
  ];
  for (const [value, seconds] of cases) assert.equal(read(value), seconds, value);
});

test('a date in each of the three forms; one that has passed asks for no wait', () => {
  assert.equal(read(at(2_000)), 2);
  assert.equal(read(at(3_600_000)), 3_600);
  assert.equal(read('Wednesday, 01-Jul-26 12:00:05 GMT'), 5);
  assert.equal(read('Wed Jul  1 12:00:07 2026'), 7);
  assert.equal(read('Wed, 21 Oct 2015 07:28:00 GMT'), 0);
  assert.equal(read('Wed, 01 Jul 2099 12:00:00 GMT'), MAX_RETRY_AFTER_S);
});

test('a date is told by the clock of the one who sent it', () => {
  assert.equal(read(at(-3_590_000), { date: at(-3_600_000) }), 10);
  assert.equal(read(at(10_000), { date: 'yesterday' }), 10);
});

test('what is neither says nothing', () => {
  const malformed = [
    ...['', ' ', '-5', '-0.5', '+5', '1.9', '1e3', '0x10', '5s', 'soon', '2, 30', '2,2', '١'],
    ...[
      '2026-07-01T12:00:05Z',
      'Jul 1 2026',
      'Wed, 99 Foo 2026 12:00:00 GMT',
      `${at(5)}, ${at(5)}`,
    ],
  ];
  // As `fetch` hands on the bytes of a header that is no ASCII.
  for (const value of malformed) {
    const headers = { get: (name: string) => (name === 'retry-after' ? value : null) };
    assert.equal(readRetryAfter(headers, NOW), undefined, value);
  }
  assert.equal(readRetryAfter(new Headers(), NOW), undefined);
});

test('a decoded error has the wait of its response', () => {
  const body = JSON.stringify({ error_code: 'OVERLOADED', message: 'busy' });
  const decode = (value: string) =>
    decodeErrorBody(503, new Headers({ 'retry-after': value, date: at(0) }), body)?.retryAfterS;
  assert.deepEqual(
    [decode(at(4_000)), decode('-5'), decode('1.9'), decode('2, 30'), decode('1'.repeat(30))],
    [4, undefined, undefined, undefined, MAX_RETRY_AFTER_S],
  );
});

test('whatever an error was given, what is sent is a whole number of seconds from 1 to a day', () => {
  const sent = (retryAfterS: number) => {
    const error = new RateLimitError('Slow down.', { retryAfterS });
    const failure = { error, traceId: 't', requestId: 'r', serviceName: 's', path: '/' };
    return renderError('problem', failure).headers['retry-after'];
  };
  const given = [-5, -0.5, Number.NaN, 0, 0.2, 7, 1e21, Number.POSITIVE_INFINITY];
  assert.deepEqual(given.map(sent), ['1', '1', '1', '1', '1', '7', '86400', '86400']);
  assert.equal(new AppError('x', { retryAfterS: -1 }).retryAfterS, undefined);
});

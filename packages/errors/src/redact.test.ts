import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecretKey, redact, redactText } from './redact.ts';

test('values under secrets’ keys are taken out, at any depth', () => {
  const value = {
    user: 'ann',
    password: 'p',
    headers: [{ Authorization: 'Bearer x', accept: 'json' }],
    payment: { card_number: '4111', cardNumber: '4111', card: { no: 1 }, currency: 'EUR' },
  };
  assert.deepEqual(redact(value), {
    user: 'ann',
    password: '[redacted]',
    headers: [{ Authorization: '[redacted]', accept: 'json' }],
    payment: {
      card_number: '[redacted]',
      cardNumber: '[redacted]',
      card: '[redacted]',
      currency: 'EUR',
    },
  });
  assert.equal(value.password, 'p', 'the original is left alone');
});

test('keys are told by what they hold, not by their spelling', () => {
  const secrets = [
    'x-api-key',
    'X_TOKEN',
    'clientSecret',
    'Set-Cookie',
    'pwd',
    'cvv',
    'pan',
    'iban',
  ];
  for (const key of secrets) assert.ok(isSecretKey(key), key);
  for (const key of ['order_id', 'discard', 'company', 'email', 'author']) {
    assert.ok(!isSecretKey(key), key);
  }
});

test('secrets inside texts are told by their shape', () => {
  const cases = {
    'connect postgres://app:hunter2@db:5432/x failed':
      'connect postgres://app:[redacted]@db:5432/x failed',
    'sent Authorization: Bearer abc.def-123=': 'sent Authorization: Bearer [redacted]',
    'GET /x?token=abc&page=2': 'GET /x?token=[redacted]&page=2',
    'host=db password=hunter2 user=app': 'host=db password=[redacted] user=app',
    'http://127.0.0.1:8080/items@home stays': 'http://127.0.0.1:8080/items@home stays',
    'a bearer of news': 'a bearer of news',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(redactText(text), expected);
});

test('anything can be given: cycles, depth, size, odd types, getters that throw', () => {
  const cycle: Record<string, unknown> = { name: 'a' };
  cycle.self = cycle;
  assert.deepEqual(redact(cycle), { name: 'a', self: '[circular]' });

  const shared = { n: 1 };
  assert.deepEqual(redact({ a: shared, b: shared }), { a: { n: 1 }, b: { n: 1 } });

  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`);
  assert.match(JSON.stringify(redact(deep)), /\[too deep\]/);
  assert.equal((redact(Array(1_000).fill(0)) as unknown[]).length, 50);
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i]));
  assert.equal(Object.keys(redact(wide) as object).length, 50);
  assert.equal((redact('x'.repeat(100_000)) as string).length, 16_385);

  assert.equal(redact(10n), '10');
  assert.equal(redact(Symbol('s')), undefined);
  assert.equal(redact(new Date(0)), '1970-01-01T00:00:00.000Z');
  assert.equal(redact(new Date(Number.NaN)), null);
  const hostile = {
    get bad() {
      throw new Error('no');
    },
  };
  assert.deepEqual(redact({ hostile, ok: 1 }), { hostile: '[unreadable]', ok: 1 });
});

test('a key that would become the prototype is left out', () => {
  const value = JSON.parse('{"__proto__": {"admin": true}, "name": "a"}');
  const copy = redact(value) as Record<string, unknown>;
  assert.deepEqual(Object.keys(copy), ['name']);
  assert.equal(copy.admin, undefined);
});

test('telling secret keys apart stays right when clients have sent very many keys', () => {
  for (let i = 0; i < 2_000; i++) isSecretKey(`client-key-${i}`);
  assert.equal(isSecretKey('another_password'), true);
  assert.equal(isSecretKey('another_name'), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './app-error.ts';
import { redact } from './redact.ts';

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

test('cycles, depth and getters that throw cost their own place only', () => {
  const cycle: Record<string, unknown> = { name: 'a' };
  cycle.self = cycle;
  assert.deepEqual(redact(cycle), { name: 'a', self: '[circular]' });

  const shared = { n: 1 };
  assert.deepEqual(redact({ a: shared, b: shared }), { a: { n: 1 }, b: { n: 1 } });

  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`);
  assert.match(JSON.stringify(redact(deep)), /\[too deep\]/);

  const hostile = {
    get bad() {
      throw new Error('no');
    },
    good: 1,
  };
  assert.deepEqual(redact({ hostile, ok: 1 }), {
    hostile: { bad: '[unreadable]', good: 1 },
    ok: 1,
  });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.deepEqual(redact({ proxy, ok: 1 }), { proxy: '[unreadable]', ok: 1 });
});

test('what is cut says how much', () => {
  const fields = Array.from({ length: 160 }, (_, i) => ({ path: `f${i}` }));
  const context = redact({ fields }) as { fields: unknown[]; fields_omitted: number };
  assert.deepEqual([context.fields.length, context.fields_omitted], [100, 60]);
  assert.ok(
    context.fields.every((field) => typeof field === 'object'),
    'a list keeps its type',
  );
  assert.deepEqual(redact({ fields: fields.slice(0, 100) }), { fields: fields.slice(0, 100) });

  const wide = Object.fromEntries(Array.from({ length: 160 }, (_, i) => [`k${i}`, i]));
  const object = redact(wide) as Record<string, unknown>;
  assert.deepEqual([Object.keys(object).length, object._omitted], [101, 60]);
  assert.equal((redact(Array(112).fill(0)) as unknown[]).at(-1), '[12 more]');
  assert.equal((redact([Array(112).fill(0)]) as unknown[][])[0]?.at(-1), '[12 more]');
  assert.equal(
    (redact({ set: new Set(numbersUpTo160()) }) as Record<string, unknown>).set_omitted,
    60,
  );
  const map = redact(new Map(Object.entries(wide))) as Record<string, unknown>;
  assert.equal(map._omitted, 60);
  const pairs = redact({ m: new Map(fields.map((field) => [field, 1])) });
  assert.equal((pairs as Record<string, unknown>).m_omitted, 60);
  const numbers = redact({ n: new Float64Array(160) }) as Record<string, unknown>;
  assert.equal(numbers.n_omitted, 60);
});

function numbersUpTo160(): number[] {
  return Array.from({ length: 160 }, (_, i) => i);
}

test('lists of lists of lists are bounded in all', () => {
  const level = (depth: number): unknown =>
    depth === 0 ? { n: 1 } : Array.from({ length: 100 }, () => level(depth - 1));
  const text = JSON.stringify(redact(level(3)));
  assert.match(text, /\[too large\]/);
  assert.ok(text.length < 200_000, `${text.length}`);
});

test('everything is told as what it is', () => {
  class Money {
    readonly #amount = '12.50';
    toJSON(): string {
      return this.#amount;
    }
  }
  const told = redact({
    big: 10n,
    nan: Number.NaN,
    far: Number.POSITIVE_INFINITY,
    symbol: Symbol('s'),
    work: function work() {},
    date: new Date(0),
    never: new Date(Number.NaN),
    map: new Map<unknown, unknown>([
      ['a', 1],
      [2, new Map([['password', 'S3CRET']])],
    ]),
    pairs: new Map([[{ id: 1 }, 'one']]),
    set: new Set(['a', { token: 'S3CRET' }]),
    url: new URL('http://ann:S3CRET@host/p?token=S3CRET'),
    query: new URLSearchParams('token=S3CRET&a=1'),
    headers: new Headers({ Authorization: 'S3CRET', Accept: 'json' }),
    pattern: /x+/g,
    bytes: Buffer.from('S3CRET'),
    buffer: new ArrayBuffer(8),
    numbers: new Float64Array([1.5, 2]),
    promise: Promise.resolve(),
    price: new Money(),
    bare: Object.assign(Object.create(null), { a: 1 }),
    nothing: null,
    missing: undefined,
  });
  assert.deepEqual(told, {
    big: '10',
    nan: 'NaN',
    far: 'Infinity',
    symbol: 'Symbol(s)',
    work: '[function work]',
    date: '1970-01-01T00:00:00.000Z',
    never: null,
    map: { a: 1, 2: { password: '[redacted]' } },
    pairs: [[{ id: 1 }, 'one']],
    set: ['a', { token: '[redacted]' }],
    url: 'http://ann:[redacted]@host/p?token=[redacted]',
    query: 'token=[redacted]&a=1',
    headers: { accept: 'json', authorization: '[redacted]' },
    pattern: '/x+/g',
    bytes: '[Buffer of 6 bytes]',
    buffer: '[ArrayBuffer of 8 bytes]',
    numbers: [1.5, 2],
    promise: '[Promise]',
    price: '12.50',
    bare: { a: 1 },
    nothing: null,
    missing: undefined,
  });
});

test('an error is told whole where the log is asked for', () => {
  const root = Object.assign(new Error('connect to db failed: password=S3CRET'), {
    code: 'ECONNREFUSED',
    address: '10.0.0.1',
  });
  const error = new TypeError('outer', { cause: new AggregateError([root, 'text'], 'all failed') });
  const told = redact({ err: Object.freeze(error) }, { errors: 'whole' }) as {
    err: { type: string; stack: string; cause: { errors: Record<string, unknown>[] } };
  };
  assert.equal(told.err.type, 'TypeError');
  assert.match(told.err.stack, /redact\.test\.ts/);
  assert.doesNotMatch(JSON.stringify(told), /S3CRET/);
  const [first, second] = told.err.cause.errors;
  assert.deepEqual(
    [first?.message, first?.code, first?.address, second],
    ['connect to db failed: password=[redacted]', 'ECONNREFUSED', '10.0.0.1', 'text'],
  );
});

test('a chain of causes that is endless, or bites its tail, is bounded', () => {
  const error: Error & { cause?: unknown } = new Error('a');
  error.cause = new Error('b', { cause: error });
  const text = JSON.stringify(redact(error, { errors: 'whole' }));
  assert.match(text, /\[circular\]/);
  let deep = new Error('0');
  for (let i = 1; i < 50; i++) deep = new Error(String(i), { cause: deep });
  assert.match(JSON.stringify(redact(deep, { errors: 'whole' })), /\[too deep\]/);
});

test('an error of the contract is told with its context, without the catalogue’s words', () => {
  const error = new AppError('No.', { context: { id: 7 }, internal: { token: 'S3CRET' } });
  const told = redact(error, { errors: 'whole' }) as Record<string, unknown>;
  assert.deepEqual(
    [told.type, told.code, told.context, told.internal, told.kind],
    [error.name, 'INTERNAL_ERROR', { id: 7 }, { token: '[redacted]' }, undefined],
  );
});

test('of an error in a public context nothing but its name leaves', () => {
  const context = {
    reason: new TypeError('at 10.0.0.1', { cause: 'S3CRET' }),
    list: [new Error('x')],
  };
  assert.deepEqual(redact(context), { reason: '[TypeError]', list: ['[Error]'] });
});

test('a key that would become the prototype is left out', () => {
  const value = JSON.parse('{"__proto__": {"admin": true}, "name": "a"}');
  const copy = redact(value) as Record<string, unknown>;
  assert.deepEqual(Object.keys(copy), ['name']);
  assert.equal(copy.admin, undefined);
});

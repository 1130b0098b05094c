import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, InternalError } from '../app-error.ts';
import { AlreadyExistsError, ConflictError } from '../business-errors.ts';
import {
  AuthenticationError,
  MethodNotAllowedError,
  NotFoundError,
  RateLimitError,
  RouteNotFoundError,
  ValidationError,
} from '../client-errors.ts';
import { defineKind, type FormatName } from '../kind.ts';
import { DatabaseError, DependencyUnavailableError } from '../technical-errors.ts';
import { type Failure, formats, negotiateFormat, renderError } from './index.ts';

/** Classes as a minifier leaves them: one that declares its name, and one that does not. */
class a extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    name: 'ReefError',
    code: 'TEST_REEF',
    meaning: 'There is a reef.',
  });
}
class b extends a {
  static override readonly kind = defineKind(a.kind, {
    code: 'TEST_LARGER_REEF',
    meaning: 'There is a larger reef.',
  });
}

const failure: Failure = {
  error: new AlreadyExistsError('user', 'email', 'a@b.c', {
    cause: new Error('duplicate key value violates unique constraint'),
    internal: { constraint: 'users_email_key' },
    context: { password: 'hunter2' },
  }),
  traceId: '0123456789abcdef0123456789abcdef',
  requestId: 'r-1',
  serviceName: 'users',
  path: '/users',
};
const context = { resource: 'user', field: 'email', value: 'a@b.c', password: '[redacted]' };
const message = 'A user with this email already exists.';

const BODIES: Record<FormatName, [status: number, mediaType: string, body: object]> = {
  universal: [
    409,
    'application/json',
    {
      trace_id: failure.traceId,
      error_code: 'EMAIL_ALREADY_EXISTS',
      message,
      status_code: 409,
      service_name: 'users',
      context,
    },
  ],
  problem: [
    409,
    'application/problem+json',
    {
      type: '/docs#EMAIL_ALREADY_EXISTS',
      title: failure.error.kind.meaning,
      status: 409,
      detail: message,
      instance: '/users',
      trace_id: failure.traceId,
      error_code: 'EMAIL_ALREADY_EXISTS',
      service_name: 'users',
      context,
    },
  ],
  coded: [
    409,
    'application/json',
    { error: true, code: 'EMAIL_ALREADY_EXISTS', message, details: context, request_id: 'r-1' },
  ],
  envelope: [
    400,
    'application/json',
    {
      error: {
        message,
        type: 'AlreadyExistsError',
        details: { ...context, code: 'EMAIL_ALREADY_EXISTS' },
      },
    },
  ],
};

for (const [name, [status, mediaType, body]] of Object.entries(BODIES)) {
  test(`${name}: exactly these fields, and nothing of the inside`, () => {
    const rendered = renderError(name as FormatName, failure);
    assert.equal(rendered.status, status);
    assert.deepEqual(rendered.headers, { 'content-type': mediaType });
    assert.deepEqual(JSON.parse(rendered.body), body);
    assert.equal(formats[name as FormatName].name, name);
  });
}

test('envelope: the type is the declared name of the class, whatever a minifier calls it', () => {
  const types = [
    [new NotFoundError('item', 1), 'NotFoundError'],
    [new ValidationError('No.'), 'ValidationError'],
    [new DatabaseError('No.'), 'DatabaseError'],
    [new RouteNotFoundError('No.'), 'HTTPException'],
    [new MethodNotAllowedError('No.'), 'HTTPException'],
    [new InternalError(new Error('x')), 'InternalServerError'],
    [new AppError('bug'), 'InternalServerError'],
    [new a('No.'), 'ReefError'],
    [new b('No.'), 'b'],
  ] as const;
  for (const [error, type] of types) {
    const { body } = renderError('envelope', { ...failure, error });
    const rendered = JSON.parse(body).error;
    assert.deepEqual([rendered.type, rendered.details.code], [type, error.code]);
  }
});

test('envelope: the code of the error stands where its context has a code of its own', () => {
  const error = new NotFoundError('item', 1, { context: { code: 'mine', at: 1 } });
  const { details } = JSON.parse(renderError('envelope', { ...failure, error }).body).error;
  assert.deepEqual(details, { resource: 'item', identifier: 1, code: 'ITEM_NOT_FOUND', at: 1 });
});

test('a retryable status says when: as the error says, at least and by default one second', () => {
  const after = (retryAfterS?: number) =>
    renderError('universal', {
      ...failure,
      error: new RateLimitError('Slow down.', retryAfterS === undefined ? {} : { retryAfterS }),
    }).headers['retry-after'];
  assert.deepEqual([after(), after(0), after(2.2), after(30)], ['1', '1', '3', '30']);
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, -5, 1e300].map(after);
  assert.deepEqual(odd, ['1', '86400', '1', '86400']);
  const down = { ...failure, error: new DependencyUnavailableError('catalog') };
  assert.equal(renderError('coded', down).headers['retry-after'], '1');
});

test('a 401 says how to authenticate', () => {
  const error = new AuthenticationError('No.', 'Bearer realm="control"');
  const { headers } = renderError('universal', { ...failure, error });
  assert.equal(headers['www-authenticate'], 'Bearer realm="control"');
});

test('problem+json is given to those who ask for it', () => {
  const format = (accept?: string) => negotiateFormat(accept, 'coded');
  for (const accept of [
    'application/problem+json',
    'application/json, Application/Problem+JSON;q=0.5',
  ]) {
    assert.equal(format(accept), 'problem', accept);
  }
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/json',
    'application/problem+json;q=0',
    'application/problem+json; q=0.00',
    'application/problem+jsonx',
  ]) {
    assert.equal(format(accept), 'coded', String(accept));
  }
});

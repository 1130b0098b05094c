import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlreadyExistsError } from '../business-errors.ts';
import { AuthenticationError, RateLimitError } from '../client-errors.ts';
import type { FormatName } from '../kind.ts';
import { DependencyUnavailableError } from '../technical-errors.ts';
import { type Failure, formats, negotiateFormat, renderError } from './index.ts';

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
      type: '/errors#EMAIL_ALREADY_EXISTS',
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
    { error: { message, type: 'EMAIL_ALREADY_EXISTS', details: context } },
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

test('a retryable status says when: as the error says, at least and by default one second', () => {
  const after = (retryAfterS?: number) =>
    renderError('universal', {
      ...failure,
      error: new RateLimitError('Slow down.', retryAfterS === undefined ? {} : { retryAfterS }),
    }).headers['retry-after'];
  assert.deepEqual([after(), after(0), after(2.2), after(30)], ['1', '1', '3', '30']);
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

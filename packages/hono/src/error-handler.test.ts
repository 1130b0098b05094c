import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AppError,
  AuthenticationError,
  ConflictError,
  DependencyUnavailableError,
  defineKind,
  InternalError,
  NotFoundError,
} from '@breakwater/errors';
import type { LogLine } from '@breakwater/testing';
import { HTTPException } from 'hono/http-exception';
import { testService } from './testing/test-service.ts';

/** A service whose `GET /` throws what it is given. */
function thrower(thrown: unknown, options: Parameters<typeof testService>[0] = {}) {
  const made = testService(options);
  made.service.app.get('/', () => {
    throw thrown;
  });
  return made;
}

test('a subclass written here, registered nowhere, is answered, logged, counted and listed', async () => {
  class TideError extends ConflictError {
    static override readonly kind = defineKind(ConflictError.kind, {
      code: 'TEST_TIDE_TOO_LOW',
      meaning: 'The tide is too low for this ship.',
    });
  }
  const error = new TideError('Wait for the tide.', { context: { depth_m: 2 } });
  const { request, operate, lines, registry } = thrower(error);
  const { status, headers, body } = await request('GET', '/');

  assert.equal(status, 409);
  assert.deepEqual(body, {
    trace_id: headers.get('x-trace-id'),
    error_code: 'TEST_TIDE_TOO_LOW',
    message: 'Wait for the tide.',
    status_code: 409,
    service_name: 'test',
    context: { depth_m: 2 },
  });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.error_code, 'TEST_TIDE_TOO_LOW');
  assert.equal(lines[0]?.['exception.type'], 'TideError');
  const metrics = await registry.metrics();
  assert.match(metrics, /service_errors_total\{.*error_code="TEST_TIDE_TOO_LOW".*\} 1/);
  const { errors } = (await operate('GET', '/errors')).body;
  const entry = errors.find(({ code }: { code: string }) => code === 'TEST_TIDE_TOO_LOW');
  assert.equal(entry.meaning, 'The tide is too low for this ship.');
});

test('whatever else is thrown is a bug: 500, told to nobody but the log', async () => {
  for (const thrown of [
    new TypeError('secret plan'),
    'secret plan',
    null,
    42,
    { plan: 'secret' },
  ]) {
    const { request, lines } = thrower(thrown);
    const { status, headers, body } = await request('GET', '/');
    assert.equal(status, 500);
    assert.equal(body.error_code, 'INTERNAL_ERROR');
    assert.equal(body.trace_id, headers.get('x-trace-id'));
    assert.doesNotMatch(JSON.stringify(body), /secret|plan/);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.level, 'error');
    assert.equal(lines[0]?.trace_id, body.trace_id);
    assert.ok(lines[0]?.['exception.stacktrace'], String(thrown));
  }
});

test('an error inside the error handler is answered by the contract, and both are logged', async () => {
  const unsendable = new AuthenticationError('No.', 'broken\r\nchallenge');
  const { request, lines } = thrower(unsendable);
  const { status, body } = await request('GET', '/');
  assert.equal(status, 500);
  assert.equal(body.error_code, 'INTERNAL_ERROR');
  assert.equal(lines.length, 1);
  const [{ type, errors }] = (lines[0] as LogLine).causes as [
    { type: string; errors: { type: string }[] },
  ];
  assert.equal(type, 'AggregateError');
  assert.deepEqual(
    errors.map((error) => error.type),
    ['AuthenticationError', 'TypeError'],
  );
});

test('a context that is no JSON does not stop the answer', async () => {
  const cycle: Record<string, unknown> = { n: 1n };
  cycle.self = cycle;
  const { request } = thrower(new ConflictError('No.', { context: cycle }));
  assert.deepEqual((await request('GET', '/')).body.context, {
    n: '1',
    self: '[circular]',
  });
});

test('a service may have a class of its own for bugs', async () => {
  class Mutiny extends AppError {
    static override readonly kind = defineKind(AppError.kind, {
      code: 'TEST_MUTINY',
      meaning: 'The crew does not obey.',
    });

    constructor(cause: unknown) {
      super('Something went wrong on our side.', { cause });
    }
  }
  const { request, operate, lines } = thrower(new TypeError('x'), { internalError: Mutiny });
  assert.equal((await request('GET', '/')).body.error_code, 'TEST_MUTINY');
  assert.equal(lines[0]?.error_undeclared, undefined, 'it is a code of every operation');
  const { errors } = (await operate('GET', '/errors')).body;
  const codes = errors.map(({ code }: { code: string }) => code);
  assert.ok(codes.includes('TEST_MUTINY') && !codes.includes('INTERNAL_ERROR'));
});

const cancelled = () => ({ signal: AbortSignal.abort() });

test('what fails because the client went away is no failure of ours', async () => {
  const consequences = [
    new DependencyUnavailableError('catalog'),
    new DOMException('aborted', 'AbortError'),
    Object.assign(new Error('aborted'), { code: 'ECONNRESET' }),
  ];
  for (const thrown of consequences) {
    const { service, lines } = thrower(thrown);
    await service.app.request('/', cancelled());
    assert.equal(lines[0]?.error_code, 'REQUEST_CANCELLED', String(thrown));
    assert.equal(lines[0]?.level, 'info');
  }
});

test('a bug stays a bug, and a 404 a 404, also when the client went away', async () => {
  const cases = {
    INTERNAL_ERROR: new TypeError('x'),
    ITEM_NOT_FOUND: new NotFoundError('item', 1),
  };
  for (const [code, thrown] of Object.entries(cases)) {
    const { service, lines } = thrower(thrown);
    await service.app.request('/', cancelled());
    assert.equal(lines[0]?.error_code, code);
  }
});

test('no route: 404; another method has it: 405 with Allow', async () => {
  const { request, service } = testService();
  service.app.get('/items/:id', (c) => c.text('item'));
  service.app.delete('/items/:id', (c) => c.body(null, 204));
  const missing = await request('GET', '/nowhere');
  assert.deepEqual([missing.status, missing.body.error_code], [404, 'ROUTE_NOT_FOUND']);
  const wrong = await request('POST', '/items/1');
  assert.deepEqual([wrong.status, wrong.body.error_code], [405, 'METHOD_NOT_ALLOWED']);
  assert.equal(wrong.headers.get('allow'), 'DELETE, GET, HEAD');
  assert.equal((await request('POST', '/items/')).status, 404);
});

test('exceptions of Hono and its middleware keep their status and their message', async () => {
  const expected = {
    400: [400, 'INVALID_REQUEST'],
    401: [401, 'AUTHENTICATION_REQUIRED'],
    403: [403, 'NOT_ALLOWED'],
    404: [404, 'ROUTE_NOT_FOUND'],
    405: [405, 'METHOD_NOT_ALLOWED'],
    409: [409, 'CONFLICT'],
    413: [413, 'PAYLOAD_TOO_LARGE'],
    415: [415, 'UNSUPPORTED_MEDIA_TYPE'],
    418: [418, 'HTTP_418'],
    422: [422, 'VALIDATION_ERROR'],
    429: [429, 'RATE_LIMITED'],
    500: [500, 'INTERNAL_ERROR'],
    501: [501, 'HTTP_501'],
    503: [503, 'OVERLOADED'],
    504: [504, 'DEADLINE_EXCEEDED'],
  } as const;
  for (const [status, answer] of Object.entries(expected)) {
    const thrown = new HTTPException(Number(status) as 400, { message: 'Said by the app.' });
    const { body, status: answered } = await thrower(thrown).request('GET', '/');
    assert.deepEqual([answered, body.error_code], answer, status);
    assert.equal(body.message, 'Said by the app.');
  }
});

test('the challenge of a 401 by Hono’s middleware is kept', async () => {
  const res = new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } });
  const { headers } = await thrower(new HTTPException(401, { res })).request('GET', '/');
  assert.equal(headers.get('www-authenticate'), 'Basic realm="x"');
});

test('problem+json is given by every service to those who ask', async () => {
  for (const format of ['universal', 'coded', 'envelope', 'problem'] as const) {
    const { request } = thrower(new InternalError(new Error('x')), { format });
    const { headers, body } = await request('GET', '/', {
      headers: { accept: 'application/problem+json' },
    });
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(body.type, '/docs#INTERNAL_ERROR');
  }
});

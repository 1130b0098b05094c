import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from './app-error.ts';
import { AlreadyExistsError, BusinessRuleError, ConflictError } from './business-errors.ts';
import {
  AuthenticationError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  ValidationError,
} from './client-errors.ts';
import { decodeError, decodeErrorBody, originOf } from './decode.ts';
import { formats, renderError } from './formats/index.ts';
import type { FormatName } from './kind.ts';
import {
  BadGatewayError,
  DatabaseUnavailableError,
  DeadlineExceededError,
  DependencyUnavailableError,
} from './technical-errors.ts';

const TRACE = '0123456789abcdef0123456789abcdef';
const ERRORS = [
  new AppError('bug'),
  new NotFoundError('item', 'i-1'),
  new ValidationError('bad', [{ path: 'body.x', rule: 'r', message: 'm' }]),
  new AlreadyExistsError('user', 'email', 'a@b.c'),
  new BusinessRuleError('no'),
  new AuthenticationError('who?'),
  new RateLimitError('slow', { retryAfterS: 7 }),
  new BadGatewayError('catalog'),
  new DatabaseUnavailableError('down'),
  new DeadlineExceededError('late'),
];

function respond(format: FormatName, error: AppError): Response {
  const { status, headers, body } = renderError(format, {
    error,
    traceId: TRACE,
    requestId: 'r-1',
    serviceName: 'peer',
    path: '/x',
  });
  return new Response(body, { status, headers: { ...headers, 'x-trace-id': TRACE } });
}

for (const format of Object.keys(formats) as FormatName[]) {
  test(`${format}: what is rendered is read back as the same class, code and context`, async () => {
    for (const error of ERRORS) {
      const response = respond(format, error);
      const decoded = await decodeError(response);
      assert.ok(decoded);
      assert.equal(decoded.constructor, error.constructor, error.code);
      assert.equal(decoded.kind, error.kind);
      assert.equal(decoded.message, error.message);
      assert.deepEqual(decoded.context, error.context);
      assert.equal(decoded.retryAfterS, error.retryable ? (error.retryAfterS ?? 1) : undefined);
      const origin = originOf(decoded);
      assert.equal(origin?.status, response.status);
      assert.equal(origin?.traceId, TRACE);
    }
  });
}

function decode(status: number, body: unknown): AppError | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return decodeErrorBody(status, new Headers(), text);
}

test('a code that this process has never heard of is read by its status', () => {
  const of = (status: number) =>
    decode(status, { error_code: 'FAR_AWAY', message: 'm', trace_id: TRACE, service_name: 'far' });
  const classes = { 400: InvalidRequestError, 404: NotFoundError, 409: ConflictError };
  for (const [status, Class] of Object.entries(classes)) {
    const error = of(Number(status));
    assert.equal(error?.constructor, Class);
    assert.deepEqual([error?.code, error?.status], ['FAR_AWAY', Number(status)]);
  }
  assert.equal(of(418)?.constructor, InvalidRequestError);
  assert.equal(of(418)?.status, 418);
  assert.equal(of(507)?.constructor, AppError);
  const unavailable = of(503);
  assert.ok(unavailable instanceof DependencyUnavailableError);
  assert.equal(unavailable.retryable, true);
  assert.equal(unavailable.dependency, 'unknown');
  assert.deepEqual(originOf(unavailable), { status: 503, traceId: TRACE, serviceName: 'far' });
});

test('a code that a peer uses with another status is read by the status', () => {
  const error = decode(400, { error_code: 'DATABASE_UNAVAILABLE', message: 'm' });
  assert.equal(error?.constructor, InvalidRequestError);
  assert.equal(error?.status, 400);
});

test('what is no error of the contract is not guessed at', async () => {
  for (const body of ['', '<h1>502</h1>', '{', 'null', '[]', '"x"', {}, { message: 'm' }]) {
    assert.equal(decode(502, body), undefined, String(body));
  }
  const foreign = { error: { type: 'card_error', message: 'Your card was declined.' } };
  assert.equal(decode(402, foreign), undefined, 'another vendor’s envelope has other codes');
  assert.equal(decode(500, { error_code: 'X'.repeat(65), message: 'm' }), undefined);
  assert.equal(await decodeError(new Response('{}', { status: 200 })), undefined);
});

test('a bare RFC 9457 problem of somebody else is read by its type and title', () => {
  const error = decode(404, { type: 'https://x.test/errors#GONE_AWAY', title: 'It is gone.' });
  assert.deepEqual([error?.code, error?.message], ['GONE_AWAY', 'It is gone.']);
  assert.equal(decode(404, { type: 'about:blank', title: 'Not Found' }), undefined);
});

test('an envelope without a code is read by the name of its class and its status', () => {
  const read = (status: number, type: string) =>
    decode(status, { error: { message: 'm', type, details: { at: 1 } } });
  const cases: [number, string, string, string][] = [
    [404, 'NotFoundError', 'NOT_FOUND', 'NotFoundError'],
    [422, 'ValidationError', 'VALIDATION_ERROR', 'ValidationError'],
    [400, 'AlreadyExistsError', 'ALREADY_EXISTS', 'AlreadyExistsError'],
    [404, 'HTTPException', 'ROUTE_NOT_FOUND', 'RouteNotFoundError'],
    [405, 'HTTPException', 'METHOD_NOT_ALLOWED', 'MethodNotAllowedError'],
    [500, 'DatabaseError', 'DATABASE_ERROR', 'DatabaseError'],
    [500, 'InternalServerError', 'INTERNAL_ERROR', 'AppError'],
    [404, 'USER_NOT_FOUND', 'USER_NOT_FOUND', 'NotFoundError'],
  ];
  for (const [status, type, code, className] of cases) {
    const error = read(status, type);
    assert.deepEqual([error?.code, error?.constructor.name], [code, className], type);
    assert.deepEqual(error?.context, { at: 1 });
  }
  assert.equal(read(418, 'HTTPException'), undefined);
  assert.equal(read(404, 'TypeError'), undefined);
});

test('an error of this process has no origin', () => {
  assert.equal(originOf(new AppError('here')), undefined);
});

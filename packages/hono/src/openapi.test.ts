import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AlreadyExistsError,
  ConflictError,
  DatabaseError,
  DatabaseTimeoutError,
  DatabaseUnavailableError,
  defineKind,
  NotFoundError,
} from '@breakwater/errors';
import { z } from '@hono/zod-openapi';
import { json, route } from './route.ts';
import { testService } from './testing/test-service.ts';

class ShutError extends ConflictError {
  static override readonly kind = defineKind(ConflictError.kind, {
    code: 'TEST_HARBOUR_SHUT',
    meaning: 'The <harbour> is shut.',
  });
}

const ship = z.object({ id: z.string() });
const getShip = route({
  method: 'get',
  path: '/ships/{id}',
  summary: 'One ship',
  request: { params: z.strictObject({ id: z.string().regex(/^\w+$/) }) },
  responses: { 200: json(ship, 'The ship.') },
  errors: [NotFoundError.of('ship'), ShutError, AlreadyExistsError.of('ship', 'flag')],
});
const listShips = route({
  method: 'get',
  path: '/ships',
  responses: { 200: json(z.array(ship), 'All ships.') },
});

function harbour(format: 'universal' | 'envelope' | 'problem' = 'universal') {
  const made = testService({
    format,
    errors: [DatabaseUnavailableError, DatabaseTimeoutError, DatabaseError],
  });
  made.service.app.openapi(getShip, (c) => {
    const { id } = c.req.valid('param');
    if (id === 'shut') throw new ShutError('Come back tomorrow.');
    if (id === 'db') throw new DatabaseUnavailableError('The database is unavailable.');
    if (id === 'odd') throw new ConflictError('Nobody declared this.');
    throw new NotFoundError('ship', id);
  });
  made.service.app.openapi(listShips, (c) => c.json([], 200));
  return made;
}

test('every operation lists the errors it can answer: its own, its shape’s, its service’s', async () => {
  const { paths } = (await harbour().request('GET', '/openapi.json')).body;
  assert.deepEqual(paths['/ships/{id}'].get['x-error-codes'], [
    'SHIP_NOT_FOUND',
    'TEST_HARBOUR_SHUT',
    'FLAG_ALREADY_EXISTS',
    'VALIDATION_ERROR',
    'ROUTE_NOT_FOUND',
    'DATABASE_UNAVAILABLE',
    'DATABASE_TIMEOUT',
    'DATABASE_ERROR',
    'INTERNAL_ERROR',
    'OVERLOADED',
    'DEADLINE_EXCEEDED',
  ]);
  assert.deepEqual(paths['/ships'].get['x-error-codes'], [
    'DATABASE_UNAVAILABLE',
    'DATABASE_TIMEOUT',
    'DATABASE_ERROR',
    'INTERNAL_ERROR',
    'OVERLOADED',
    'DEADLINE_EXCEEDED',
  ]);
  assert.deepEqual(Object.keys(paths['/ships/{id}'].get.responses), [
    '200',
    '404',
    '409',
    '422',
    '500',
    '503',
    '504',
  ]);
});

test('a response tells its codes and their meaning, and pins them in its schema', async () => {
  const { paths, components } = (await harbour().request('GET', '/openapi.json')).body;
  const conflict = paths['/ships/{id}'].get.responses[409];
  assert.equal(
    conflict.description,
    '`TEST_HARBOUR_SHUT`: The <harbour> is shut. `FLAG_ALREADY_EXISTS`: A ship with this flag exists already.',
  );
  const codes = ['TEST_HARBOUR_SHUT', 'FLAG_ALREADY_EXISTS'];
  assert.deepEqual(conflict.content['application/json'].schema, {
    allOf: [
      { $ref: '#/components/schemas/Error' },
      { properties: { error_code: { enum: codes } } },
    ],
  });
  assert.deepEqual(conflict.content['application/problem+json'].schema.allOf[0], {
    $ref: '#/components/schemas/Problem',
  });
  assert.deepEqual(components.schemas.Error.required, [
    'trace_id',
    'error_code',
    'message',
    'status_code',
    'service_name',
    'context',
  ]);
  assert.equal(components.schemas.Error.additionalProperties, false);
});

test('a status that only one format has is documented for that format', async () => {
  const { paths } = (await harbour('envelope').request('GET', '/openapi.json')).body;
  const { responses } = paths['/ships/{id}'].get;
  assert.match(responses[400].description, /FLAG_ALREADY_EXISTS/);
  assert.deepEqual(Object.keys(responses[400].content), ['application/json']);
  assert.deepEqual(responses[409].content['application/json'].schema.allOf[1], {
    properties: {
      error: { properties: { details: { properties: { code: { enum: ['TEST_HARBOUR_SHUT'] } } } } },
    },
  });
  assert.deepEqual(
    responses[409].content['application/problem+json'].schema.allOf[1].properties.error_code.enum,
    ['TEST_HARBOUR_SHUT', 'FLAG_ALREADY_EXISTS'],
  );
});

test('a service whose format is problem documents one schema for errors', async () => {
  const { paths } = (await harbour('problem').request('GET', '/openapi.json')).body;
  const { content } = paths['/ships'].get.responses[500];
  assert.deepEqual(Object.keys(content), ['application/problem+json']);
});

test('/errors lists what this service can answer, and nothing that is merely loaded', async () => {
  const { errors, service } = (await harbour().operate('GET', '/errors')).body;
  assert.equal(service, 'test');
  const codes = errors.map(({ code }: { code: string }) => code);
  assert.deepEqual(codes, [...new Set(codes)].sort());
  for (const code of ['TEST_HARBOUR_SHUT', 'SHIP_NOT_FOUND', 'ROUTE_NOT_FOUND', 'DATABASE_ERROR']) {
    assert.ok(codes.includes(code), code);
  }
  for (const code of ['CONFLICT', 'ALREADY_EXISTS', 'BUSINESS_RULE']) {
    assert.ok(!codes.includes(code), code);
  }
  const { meaning, client, operator, status, retryable } = errors.find(
    ({ code }: { code: string }) => code === 'TEST_HARBOUR_SHUT',
  );
  assert.deepEqual([meaning, status, retryable], ['The <harbour> is shut.', 409, false]);
  assert.ok(client && operator);
});

test('what an operation answers beyond its declaration is found out', async () => {
  const { request, operate, lines } = harbour();
  for (const id of ['shut', 'db', 'gone', 'bad%20id', 'odd']) await request('GET', `/ships/${id}`);
  assert.deepEqual(
    lines.map(({ error_code, error_undeclared }) => [error_code, error_undeclared]),
    [
      ['TEST_HARBOUR_SHUT', undefined],
      ['DATABASE_UNAVAILABLE', undefined],
      ['SHIP_NOT_FOUND', undefined],
      ['VALIDATION_ERROR', undefined],
      ['CONFLICT', true],
    ],
  );
  const { errors } = (await operate('GET', '/errors')).body;
  const undeclared = errors.filter((entry: object) => 'undeclared_by' in entry);
  assert.equal(undeclared.length, 1);
  assert.deepEqual(undeclared[0].undeclared_by, ['GET /ships/:id']);
});

test('/docs is one page with every operation, answer and error, escaped', async () => {
  const response = await harbour().service.app.request('/docs');
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  const page = await response.text();
  assert.match(page, /GET \/ships\/\{id\}/);
  assert.match(page, /One ship/);
  assert.match(page, /TEST_HARBOUR_SHUT/);
  assert.match(page, /The &lt;harbour&gt; is shut\./);
  assert.doesNotMatch(page, /<harbour>|<script/);
});

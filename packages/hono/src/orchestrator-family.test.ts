import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AuthenticationError,
  OrchestratorError,
  PlanExecutionError,
  ServiceTimeoutError,
  SessionError,
  SessionNotFoundError,
  TenantError,
  UnhandledError,
} from '@breakwater/errors/orchestrator';
import { z } from '@hono/zod-openapi';
import { json, route } from './route.ts';
import { testService } from './testing/test-service.ts';

/** A small orchestrator: its own family of errors, in the `coded` format. */
function orchestrator() {
  const made = testService({
    name: 'orchestrator',
    format: 'coded',
    internalError: UnhandledError,
  });
  const getSession = route({
    method: 'get',
    path: '/sessions/{id}',
    request: { params: z.strictObject({ id: z.string().regex(/^[\w-]+$/) }) },
    responses: { 200: json(z.object({ id: z.string() }), 'The session.') },
    errors: [
      SessionNotFoundError,
      ServiceTimeoutError,
      PlanExecutionError,
      AuthenticationError,
      TenantError,
    ],
  });
  const failures: Record<string, () => unknown> = {
    gone: () => new SessionNotFoundError('gone'),
    slow: () => new ServiceTimeoutError('catalog'),
    plan: () => new PlanExecutionError('p-1', 'pay', { cause: new Error('card 4111') }),
    who: () => new AuthenticationError(),
    tenant: () => new TenantError('t-1'),
    bug: () => new TypeError('x is undefined'),
    odd: () => 'thrown text',
  };
  made.service.app.openapi(getSession, (c) => {
    const { id } = c.req.valid('param');
    const failure = failures[id]?.();
    if (failure !== undefined) throw failure;
    return c.json({ id }, 200);
  });
  return made;
}

const { request, lines } = orchestrator();

const EXPECTED: Record<string, [status: number, code: string, details: object]> = {
  gone: [404, 'ORCH-201', { session_id: 'gone' }],
  slow: [504, 'ORCH-101', { service: 'catalog' }],
  plan: [500, 'ORCH-301', { plan_id: 'p-1', step: 'pay' }],
  who: [401, 'ORCH-401', {}],
  tenant: [403, 'ORCH-500', { tenant: 't-1' }],
  bug: [500, 'ORCH-999', {}],
  odd: [500, 'ORCH-999', {}],
};

for (const [id, [status, code, details]] of Object.entries(EXPECTED)) {
  test(`${code} reaches the client in the coded format: ${id}`, async () => {
    lines.length = 0;
    const answer = await request('GET', `/sessions/${id}`, { headers: { 'x-request-id': 'r-9' } });
    assert.equal(answer.status, status);
    const { message, ...body } = answer.body;
    assert.deepEqual(body, { error: true, code, details, request_id: 'r-9' });
    assert.doesNotMatch(message, /4111|undefined|thrown text/);
    assert.equal(answer.headers.has('retry-after'), status === 504);
    assert.equal(answer.headers.has('www-authenticate'), status === 401);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.error_code, code);
    assert.equal(lines[0]?.error_undeclared, undefined);
  });
}

test('what the framework refuses is in the same format, and a problem is given when asked', async () => {
  const refused = await request('GET', '/sessions/a%20b');
  assert.deepEqual([refused.status, refused.body.code], [422, 'VALIDATION_ERROR']);
  const missing = await request('GET', '/nowhere', {
    headers: { accept: 'application/problem+json' },
  });
  assert.equal(missing.body.error_code, 'ROUTE_NOT_FOUND');
});

test('the family is one: a caller can catch all of it, or a branch', () => {
  assert.ok(new SessionNotFoundError('s') instanceof SessionError);
  assert.ok(new UnhandledError('x') instanceof OrchestratorError);
});

test('its codes are in its document', async () => {
  const { paths } = (await request('GET', '/openapi.json')).body;
  const codes = paths['/sessions/{id}'].get['x-error-codes'];
  for (const code of ['ORCH-201', 'ORCH-101', 'ORCH-301', 'ORCH-401', 'ORCH-500', 'ORCH-999']) {
    assert.ok(codes.includes(code), code);
  }
});

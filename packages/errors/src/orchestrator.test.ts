import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from './app-error.ts';
import { renderError } from './formats/index.ts';
import * as orchestrator from './orchestrator.ts';

const cause = new Error('below');
const classes: Record<string, typeof AppError> = { ...orchestrator } as never;
const MEMBERS: [error: AppError, code: string, status: number, parents: string[]][] = [
  [new orchestrator.OrchestratorError('m'), 'ORCH-000', 500, []],
  [new orchestrator.ConfigurationError('m'), 'ORCH-001', 500, []],
  [new orchestrator.ServiceConnectionError('catalog'), 'ORCH-100', 503, []],
  [new orchestrator.ServiceTimeoutError('catalog'), 'ORCH-101', 504, ['ServiceConnectionError']],
  [
    new orchestrator.ServiceUnavailableError('catalog'),
    'ORCH-102',
    503,
    ['ServiceConnectionError'],
  ],
  [new orchestrator.SessionError('m'), 'ORCH-200', 400, []],
  [new orchestrator.SessionNotFoundError('s-1'), 'ORCH-201', 404, ['SessionError']],
  [new orchestrator.SessionValidationError('m'), 'ORCH-202', 422, ['SessionError']],
  [new orchestrator.OrchestrationError('m'), 'ORCH-300', 500, []],
  [new orchestrator.PlanExecutionError('p-1', 'pay'), 'ORCH-301', 500, ['OrchestrationError']],
  [new orchestrator.ServiceDependencyError('catalog'), 'ORCH-302', 503, ['OrchestrationError']],
  [new orchestrator.AuthenticationError(), 'ORCH-401', 401, []],
  [new orchestrator.TenantError('t-1'), 'ORCH-500', 403, []],
  [new orchestrator.TenantNotFoundError('t-1'), 'ORCH-501', 404, ['TenantError']],
  [new orchestrator.TenantQuotaError('t-1'), 'ORCH-502', 429, ['TenantError']],
  [new orchestrator.UnhandledError(cause), 'ORCH-999', 500, []],
];

for (const [error, code, status, parents] of MEMBERS) {
  test(`${error.name} is ${code}, ${status}`, () => {
    assert.deepEqual([error.code, error.status], [code, status]);
    for (const parent of ['OrchestratorError', ...parents]) {
      const Parent = classes[parent] as typeof AppError;
      assert.ok(error instanceof Parent, `is a ${parent}`);
    }
    const rendered = renderError('coded', {
      error,
      traceId: '0'.repeat(32),
      requestId: 'r-1',
      serviceName: 'orchestrator',
      path: '/',
    });
    assert.deepEqual(JSON.parse(rendered.body), {
      error: true,
      code,
      message: error.message,
      details: error.context,
      request_id: 'r-1',
    });
    assert.equal('retry-after' in rendered.headers, error.retryable);
  });
}

test('every class of the module is a member', () => {
  const members = new Set(MEMBERS.map(([error]) => error.constructor));
  const missing = Object.values(orchestrator).filter((member) => !members.has(member));
  assert.deepEqual(missing, []);
});

test('what each member is about stands in its details', () => {
  assert.deepEqual(new orchestrator.PlanExecutionError('p-1', 'pay').context, {
    plan_id: 'p-1',
    step: 'pay',
  });
  assert.deepEqual(new orchestrator.SessionNotFoundError('s-1').context, { session_id: 's-1' });
  const fields = [{ path: 'body.tool', rule: 'unknown', message: 'is unknown' }];
  assert.deepEqual(new orchestrator.SessionValidationError('m', fields).context, { fields });
  const error = new orchestrator.UnhandledError(cause);
  assert.equal(error.cause, cause);
  assert.ok(!error.message.includes('below'));
  assert.equal(new orchestrator.AuthenticationError('m', 'X').internal.challenge, 'X');
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { testService } from './test-service.ts';

/** Sets a variable for the time of a test. */
function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test('the limit of requests in flight comes from MAX_IN_FLIGHT', async (t) => {
  setVariable(t, 'MAX_IN_FLIGHT', '7');
  const { registry } = testService();
  assert.match(await registry.metrics(), /^http_server_active_requests_limit 7$/m);
  setVariable(t, 'MAX_IN_FLIGHT', 'many');
  assert.throws(() => testService(), /MAX_IN_FLIGHT=many/);
});

test('a token is wanted where others can reach the operations', (t) => {
  setVariable(t, 'OPERATIONS_HOST', '0.0.0.0');
  assert.throws(() => testService(), /set CONTROL_TOKEN/);
});

test('names beside those of loopback come from ALLOWED_HOSTS', async (t) => {
  setVariable(t, 'ALLOWED_HOSTS', 'parts, gears');
  const { service } = testService();
  const status = async (host: string) =>
    (await service.operations.request('/readyz', { headers: { host } })).status;
  assert.deepEqual([await status('gears:1'), await status('other')], [200, 403]);
});

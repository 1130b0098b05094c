import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testService } from './testing/test-service.ts';

test('a service is ready while its checks pass, and alive all the time', async () => {
  const { service, operate, registry } = testService();
  let works = true;
  service.readiness.addCheck('database', async () => {
    if (!works) throw new Error('postgres://user:hunter2@db refused');
  });
  service.readiness.addDetail('breakers', () => ({ catalog: 'closed' }));
  const ready = async () => (await operate('GET', '/readyz?verbose')).body;

  const { status: state, checks, breakers } = await ready();
  assert.deepEqual([state, checks], ['ready', [{ name: 'database', ok: true }]]);
  assert.deepEqual(breakers, { catalog: 'closed' });
  assert.match(await registry.metrics(), /^service_ready 1$/m);

  works = false;
  const { status, body } = await operate('GET', '/readyz');
  assert.deepEqual([status, body], [503, { status: 'not ready' }]);
  assert.doesNotMatch(JSON.stringify(await ready()), /hunter2|refused/);
  assert.match(await registry.metrics(), /^service_ready 0$/m);
  assert.equal((await operate('GET', '/healthz')).status, 200);

  works = true;
  assert.equal((await operate('GET', '/readyz')).status, 200, 'recovers by itself');
  service.readiness.stop();
  assert.equal((await operate('GET', '/readyz')).status, 503);
  assert.equal((await operate('GET', '/healthz')).status, 200);
});

test('a check that hangs has failed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { service } = testService();
  service.readiness.addCheck('slow', () => new Promise(() => {}));
  const checked = service.readiness.check();
  t.mock.timers.tick(1_000);
  assert.deepEqual((await checked).checks, [{ name: 'slow', ok: false }]);
});

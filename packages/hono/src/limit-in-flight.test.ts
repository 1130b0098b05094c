import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testService } from './testing/test-service.ts';

/** A request that is held though it should be refused would hold the test for ever. */
const BOUNDED = { timeout: 10_000 };

/** A service of which some requests are held until told otherwise. */
function busyService(limit: number) {
  const made = testService({ maxInFlight: limit });
  const waiting: (() => void)[] = [];
  let started = 0;
  made.service.app.get('/slow', async (c) => {
    started++;
    await new Promise<void>((resolve) => waiting.push(resolve));
    return c.text('"done"');
  });
  const release = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { ...made, release, started: () => started };
}

test(
  'a request beyond the limit is refused at once, and its work does not begin',
  BOUNDED,
  async () => {
    const { request, release, started } = busyService(3);
    const held = [1, 2, 3].map(() => request('GET', '/slow'));
    const refused = await request('GET', '/slow');
    assert.equal(refused.status, 503);
    assert.equal(refused.body.error_code, 'OVERLOADED');
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.ok(refused.headers.get('x-trace-id'));
    assert.equal(started(), 3);
    release();
    assert.deepEqual(
      (await Promise.all(held)).map(({ status }) => status),
      [200, 200, 200],
    );
  },
);

test('places come free again, also those of requests that failed', BOUNDED, async () => {
  const { service, request, release } = busyService(2);
  service.app.get('/broken', () => {
    throw new Error('broken');
  });
  for (let i = 0; i < 5; i++) assert.equal((await request('GET', '/broken')).status, 500);
  for (let i = 0; i < 5; i++) assert.equal((await request('GET', '/nowhere')).status, 404);
  const held = [request('GET', '/slow'), request('GET', '/slow')];
  assert.equal((await request('GET', '/slow')).status, 503);
  release();
  await Promise.all(held);
  const again = request('GET', '/slow');
  release();
  assert.equal((await again).status, 200);
});

test(
  'health, and all of the operational listener, are answered however many requests there are',
  BOUNDED,
  async () => {
    const { request, operate, release } = busyService(1);
    const held = request('GET', '/slow');
    assert.equal((await request('GET', '/healthz')).status, 200);
    for (const path of ['/healthz', '/readyz', '/breakers', '/errors']) {
      assert.equal((await operate('GET', path)).status, 200, path);
    }
    assert.equal((await request('GET', '/openapi.json')).status, 503);
    release();
    await held;
  },
);

test('a refusal has one line, without a stack, and one count', BOUNDED, async () => {
  const { request, release, lines, registry } = busyService(1);
  const held = request('GET', '/slow');
  const { headers } = await request('GET', '/slow');
  release();
  await held;
  const refusals = lines.filter(({ error_code }) => error_code === 'OVERLOADED');
  assert.equal(refusals.length, 1);
  assert.equal(refusals[0]?.trace_id, headers.get('x-trace-id'));
  assert.equal(refusals[0]?.['exception.stacktrace'], undefined);
  const metrics = await registry.metrics();
  assert.match(metrics, /^service_errors_total\{.*error_code="OVERLOADED".*\} 1$/m);
  assert.match(metrics, /^http_server_active_requests_limit 1$/m);
});

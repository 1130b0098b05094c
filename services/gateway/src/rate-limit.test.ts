import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimitError } from '@breakwater/errors';
import { createService } from '@breakwater/kit';
import { testTelemetry } from '@breakwater/testing';
import { type RateLimitOptions, rateLimit } from './rate-limit.ts';

/** Asks a service behind the limit as clients at some address do. */
function limited(options: Partial<RateLimitOptions> = {}) {
  const telemetry = testTelemetry('gateway');
  const { app } = createService({
    name: 'gateway',
    description: 'A service behind a rate limit.',
    errors: [RateLimitError],
    ...telemetry,
  });
  app.use(rateLimit({ perMinute: 3, trustedProxies: 0, ...options }));
  app.get('/items', (c) => c.json([]));
  const ask = (remoteAddress: string, path = '/items', forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    return app.request(path, { headers }, { incoming: { socket: { remoteAddress } } });
  };
  const statuses = async (times: number, ...args: Parameters<typeof ask>) => {
    const seen: number[] = [];
    for (let i = 0; i < times; i++) seen.push((await ask(...args)).status);
    return seen;
  };
  return { ...telemetry, ask, statuses };
}

test('a client beyond its share is told when to come back', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const { ask, statuses, lines } = limited();
  assert.deepEqual(await statuses(3, '192.0.2.1'), [200, 200, 200]);
  t.mock.timers.tick(19_500);
  const refused = await ask('192.0.2.1');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '41');
  const body = (await refused.json()) as { error_code: string; context: object };
  assert.equal(body.error_code, 'RATE_LIMITED');
  assert.deepEqual(body.context, { limit: 3, window_s: 60 });
  const line = lines.find(({ error_code }) => error_code === 'RATE_LIMITED');
  assert.equal(line?.level, 'warn');
  assert.equal(line?.error_undeclared, undefined);

  t.mock.timers.tick(40_500);
  assert.deepEqual(await statuses(4, '192.0.2.1'), [200, 200, 200, 429]);
});

test('each client has its own share, an IPv6 network one in all', async () => {
  const { statuses } = limited();
  assert.deepEqual(await statuses(4, '192.0.2.1'), [200, 200, 200, 429]);
  assert.deepEqual(await statuses(1, '192.0.2.2'), [200]);
  assert.deepEqual(await statuses(1, '::ffff:192.0.2.1'), [429]);
  assert.deepEqual(await statuses(3, '2001:db8:1:2::1'), [200, 200, 200]);
  assert.deepEqual(await statuses(1, '2001:db8:1:2::2'), [429]);
});

test('nobody gets a new share by claiming to be somebody else', async () => {
  const { ask } = limited();
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) {
    statuses.push((await ask('192.0.2.1', '/items', `198.51.100.${i}`)).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
});

test('behind a proxy of our own, its clients are told apart', async () => {
  const { ask } = limited({ trustedProxies: 1 });
  for (let i = 0; i < 5; i++) {
    const { status } = await ask('192.0.2.1', '/items', `made-up, 198.51.100.${i}`);
    assert.equal(status, 200);
  }
});

test('paths without a route count too; health does not', async () => {
  const { statuses } = limited();
  assert.deepEqual(await statuses(4, '192.0.2.1', '/wp-login.php'), [404, 404, 404, 429]);
  assert.deepEqual(await statuses(5, '192.0.2.1', '/healthz'), [200, 200, 200, 200, 200]);
});

test('0 sets no limit', async () => {
  const { statuses } = limited({ perMinute: 0 });
  assert.deepEqual(new Set(await statuses(50, '192.0.2.1')), new Set([200]));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadGatewayError, ConflictError, NotFoundError } from '@breakwater/errors';
import { Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import { testService } from './testing/test-service.ts';

/** A service with two dependencies, a second response on the route that needs the first of them. */
function shop() {
  const clock = new VirtualClock();
  const resilience = new Resilience({ clock, metrics: false });
  const made = testService({
    errorRate: { size: 10, minimumRequests: 5, maxAgeMs: 60_000, clock },
    degradedModes: { catalog: 'items are those of a moment ago' },
    resilience,
  });
  const { app, degradation } = made.service;
  const state = { failure: undefined as Error | undefined, other: 'old' as string | undefined };
  const bug = { in: undefined as Error | undefined };
  let asked = 0;
  const work = async () => {
    asked++;
    if (state.failure) throw state.failure;
    return 'new';
  };
  const [catalog, payments] = ['catalog', 'payments'].map((name) =>
    resilience.dependency(name, { breaker: false, retry: false }),
  );
  app.get('/items', async (c) =>
    c.json(
      await degradation.answer(c, {
        dependsOn: 'catalog',
        normally: async () => {
          const items = await catalog?.execute(work);
          if (bug.in) throw bug.in;
          return items;
        },
        instead: () => state.other,
      }),
    ),
  );
  app.get('/items/1', async (c) => c.json(await catalog?.execute(work)));
  app.post('/orders', async (c) => c.json(await payments?.execute(work)));
  app.get('/broken', () => {
    throw new Error('a bug');
  });
  const ask = async (path: string, times: number, method = 'GET') => {
    const responses = [];
    for (let i = 0; i < times; i++) responses.push(await made.request(method, path));
    return responses;
  };
  const isActive = () => degradation.isActive('catalog');
  return { ...made, clock, resilience, state, bug, ask, isActive, asked: () => asked };
}

const down = new BadGatewayError('catalog');
const healthy = { total_requests: 0, errors: 0, error_rate: 0, is_unhealthy: false };

test('while a dependency is healthy there is no other response, and failures are told', async () => {
  const { ask, state } = shop();
  assert.equal((await ask('/items', 1))[0]?.body, 'new');
  state.failure = down;
  const [failed] = await ask('/items', 1);
  assert.equal(failed?.status, 502);
  assert.equal(failed?.headers.get('x-degraded'), null);
});

test('failures of other dependencies, and of the service itself, make nothing else stale', async () => {
  const { ask, state, isActive, operate } = shop();
  state.failure = new BadGatewayError('payments');
  await ask('/orders', 30, 'POST');
  await ask('/broken', 30);
  state.failure = undefined;
  const responses = await ask('/items', 5);
  for (const { body, headers } of responses) {
    assert.deepEqual([body, headers.get('x-degraded')], ['new', null]);
  }
  assert.equal(isActive(), false);
  const { body } = await operate('GET', '/readyz?verbose');
  assert.equal(body.error_rate.is_unhealthy, true, 'the service’s own view');
  assert.equal(body.dependencies.payments.is_unhealthy, true);
  assert.deepEqual(body.dependencies.catalog, { ...healthy, total_requests: 5 });
  assert.equal(body.degraded.active, false);
});

test('while it is unhealthy the other response is given, marked, and one in five asks', async () => {
  const { ask, state, asked } = shop();
  state.failure = down;
  await ask('/items/1', 5);
  const before = asked();
  for (const { status, body, headers } of await ask('/items', 10)) {
    assert.deepEqual([status, body, headers.get('x-degraded')], [200, 'old', 'true']);
  }
  assert.equal(asked() - before, 2);
});

test('it does not cure itself by looking away: only real calls count', async () => {
  const { ask, state, isActive } = shop();
  state.failure = down;
  await ask('/items/1', 5);
  await ask('/items', 100);
  assert.equal(isActive(), true);
  state.failure = undefined;
  const responses = await ask('/items', 40);
  assert.equal(isActive(), true, 'two of the last ten that count failed');
  assert.equal(responses.filter(({ headers }) => headers.get('x-degraded') === null).length, 8);
  await ask('/items', 5);
  assert.equal(isActive(), false);
});

test('there is a gap between the share that turns it on and the one that turns it off', async () => {
  const { ask, state, isActive } = shop();
  await ask('/items/1', 7);
  state.failure = down;
  await ask('/items/1', 3);
  assert.equal(isActive(), false, '30 % is not above 30 %');
  await ask('/items/1', 1);
  assert.equal(isActive(), true);
  state.failure = undefined;
  await ask('/items/1', 8);
  assert.equal(isActive(), true, '20 % is above 15 %');
  await ask('/items/1', 1);
  assert.equal(isActive(), false);
});

test('without another response, for errors of the client and for bugs, the normal way is the way', async () => {
  const { ask, state, bug } = shop();
  state.failure = down;
  await ask('/items/1', 5);
  state.other = undefined;
  assert.equal((await ask('/items', 1))[0]?.status, 502);
  state.other = 'old';
  state.failure = new NotFoundError('item', '1');
  const responses = await ask('/items', 5);
  assert.equal(responses.filter(({ status }) => status === 404).length, 1);
  state.failure = undefined;
  bug.in = new TypeError('x is undefined');
  const statuses = (await ask('/items', 5)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 500).length, 1, 'a bug is not hidden');
});

test('what the client got wrong or gave up, and operators’ paths, say nothing about health', async () => {
  const { ask, state, operate, service } = shop();
  state.failure = new NotFoundError('item', '1');
  await ask('/items/1', 5);
  await ask('/nowhere', 5);
  for (let i = 0; i < 5; i++) await operate('GET', '/breakers');
  state.failure = down;
  await service.app.request('/items/1', { signal: AbortSignal.abort() });
  const { body } = await operate('GET', '/readyz?verbose');
  assert.deepEqual(body.error_rate, healthy);
});

test('a rule of the business is work done well', async () => {
  const { ask, state, operate } = shop();
  state.failure = new ConflictError('No.');
  await ask('/items/1', 5);
  const { body } = await operate('GET', '/readyz?verbose');
  assert.deepEqual(body.error_rate, { ...healthy, total_requests: 5 });
  assert.deepEqual(body.dependencies.catalog, { ...healthy, total_requests: 5 });
});

test('state and change are told: readiness, metrics, one line each way', async () => {
  const { ask, state, clock, operate, registry, lines } = shop();
  state.failure = down;
  await ask('/items/1', 6);
  await ask('/items', 2);
  const unhealthy = await operate('GET', '/readyz?verbose');
  assert.equal(unhealthy.status, 200, 'it still wants requests');
  assert.deepEqual(unhealthy.body.degraded, {
    active: true,
    mode: 'items are those of a moment ago',
    because_of: ['catalog'],
  });
  assert.equal(unhealthy.body.error_rate.is_unhealthy, true);
  const metrics = await registry.metrics();
  assert.match(metrics, /^resilience_error_rate_unhealthy 1$/m);
  assert.match(metrics, /^resilience_error_rate_unhealthy\{dependency="catalog"\} 1$/m);
  assert.match(metrics, /^resilience_error_rate_unhealthy\{dependency="payments"\} 0$/m);
  assert.match(metrics, /^service_degraded_answers_total 2$/m);

  await clock.advance(60_001);
  const { body } = await operate('GET', '/readyz?verbose');
  assert.equal(body.degraded.active, false, 'old failures are forgotten');
  const changes = lines.filter((line) => line['event.name'] === 'health_changed');
  const seen = 'catalog, as test sees it, is';
  const share = '5 of the last 5';
  assert.deepEqual(
    changes.map(({ level, message }) => [level, message]),
    [
      ['warn', `${seen} unhealthy: ${share} calls failed; items are those of a moment ago`],
      ['warn', `test is unhealthy: ${share} responses failed`],
      ['info', 'test is healthy again'],
      ['info', `${seen} healthy again`],
    ],
  );
});

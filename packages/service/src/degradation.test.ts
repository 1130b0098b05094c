import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadGatewayError, NotFoundError } from '@breakwater/errors';
import { VirtualClock } from '@breakwater/resilience/testing';
import { testService } from './test-service.ts';

/** A service whose answers fail when told to, with a second answer on one route. */
function shop() {
  const clock = new VirtualClock();
  const made = testService({
    errorRate: { size: 10, minimumRequests: 5, maxAgeMs: 60_000, clock },
    degradedMode: 'items are those of a moment ago',
  });
  const { app, degradation } = made.service;
  const state = { failure: undefined as Error | undefined, other: 'old' as string | undefined };
  let asked = 0;
  const work = async () => {
    asked++;
    if (state.failure) throw state.failure;
    return 'new';
  };
  app.get('/items', async (c) =>
    c.json(await degradation.answer(c, { normally: work, instead: () => state.other })),
  );
  app.get('/work', async (c) => c.json(await work()));
  const ask = async (path: string, times: number) => {
    const answers = [];
    for (let i = 0; i < times; i++) answers.push(await made.request('GET', path));
    return answers;
  };
  return { ...made, clock, state, ask, asked: () => asked };
}

const down = new BadGatewayError('catalog');

test('a healthy service gives no other answer, and tells its failures', async () => {
  const { ask, state } = shop();
  assert.equal((await ask('/items', 1))[0]?.body, 'new');
  state.failure = down;
  const [failed] = await ask('/items', 1);
  assert.equal(failed?.status, 502);
  assert.equal(failed?.headers.get('x-degraded'), null);
});

test('an unhealthy one gives the other answer, marked, and asks for one in five', async () => {
  const { ask, state, asked } = shop();
  state.failure = down;
  await ask('/work', 5);
  const before = asked();
  const answers = await ask('/items', 10);
  for (const { status, body, headers } of answers) {
    assert.deepEqual([status, body, headers.get('x-degraded')], [200, 'old', 'true']);
  }
  assert.equal(asked() - before, 2);
});

test('it does not cure itself by looking away: only real work counts', async () => {
  const { ask, state, service } = shop();
  state.failure = down;
  await ask('/work', 5);
  await ask('/items', 100);
  assert.equal(service.degradation.active, true);
  state.failure = undefined;
  const answers = await ask('/items', 40);
  assert.equal(service.degradation.active, true, 'two of the last ten that count failed');
  assert.equal(answers.filter(({ headers }) => headers.get('x-degraded') === null).length, 8);
  await ask('/items', 5);
  assert.equal(service.degradation.active, false);
});

test('there is a gap between the share that turns it on and the one that turns it off', async () => {
  const { ask, state, service } = shop();
  await ask('/work', 7);
  state.failure = down;
  await ask('/work', 3);
  assert.equal(service.degradation.active, false, '30 % is not above 30 %');
  await ask('/work', 1);
  assert.equal(service.degradation.active, true);
  state.failure = undefined;
  await ask('/work', 8);
  assert.equal(service.degradation.active, true, '20 % is above 15 %');
  await ask('/work', 1);
  assert.equal(service.degradation.active, false);
});

test('without another answer, and for errors of the client, the normal way is the way', async () => {
  const { ask, state } = shop();
  state.failure = down;
  await ask('/work', 5);
  state.other = undefined;
  assert.equal((await ask('/items', 1))[0]?.status, 502);
  state.other = 'old';
  state.failure = new NotFoundError('item', '1');
  const answers = await ask('/items', 5);
  assert.equal(answers.filter(({ status }) => status === 404).length, 1);
});

test('errors of clients and requests to operators’ paths say nothing about health', async () => {
  const { ask, state, request } = shop();
  state.failure = new NotFoundError('item', '1');
  await ask('/work', 5);
  await ask('/breakers', 5);
  const { body } = await request('GET', '/readyz?verbose');
  assert.deepEqual(body.error_rate, {
    total_requests: 5,
    errors: 0,
    error_rate: 0,
    is_unhealthy: false,
  });
});

test('state and change are told: readiness, metrics, one line each way', async () => {
  const { ask, state, clock, request, registry, lines } = shop();
  state.failure = down;
  await ask('/work', 6);
  await ask('/items', 2);
  const unhealthy = await request('GET', '/readyz?verbose');
  assert.equal(unhealthy.status, 200, 'it still wants requests');
  assert.deepEqual(unhealthy.body.degraded, {
    active: true,
    mode: 'items are those of a moment ago',
  });
  assert.equal(unhealthy.body.error_rate.is_unhealthy, true);
  const metrics = await registry.metrics();
  assert.match(metrics, /^resilience_error_rate_unhealthy 1$/m);
  assert.match(metrics, /^service_degraded_answers_total 2$/m);

  await clock.advance(60_001);
  const { body } = await request('GET', '/readyz?verbose');
  assert.equal(body.degraded.active, false, 'old failures are forgotten');
  const changes = lines.filter((line) => line['event.name'] === 'health_changed');
  assert.deepEqual(
    changes.map(({ level, message }) => [level, message]),
    [
      [
        'warn',
        'test is unhealthy: 5 of the last 5 answers failed; items are those of a moment ago',
      ],
      ['info', 'test is healthy again'],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BadGatewayError,
  ConflictError,
  DeadlineExceededError,
  NotFoundError,
  RateLimitError,
  RequestCancelledError,
} from '@breakwater/errors';
import { Deadline, type DependencyOptions, Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import { DependencyHealth } from './dependency-health.ts';

function watch(options: DependencyOptions = {}) {
  const clock = new VirtualClock();
  const resilience = new Resilience({ clock, metrics: false });
  const changes: [string, boolean][] = [];
  const health = new DependencyHealth({
    resilience,
    window: { clock },
    onChange: (dependency, { is_unhealthy }) => changes.push([dependency, is_unhealthy]),
  });
  const catalog = resilience.dependency('catalog', { retry: false, breaker: false, ...options });
  const call = (fails?: unknown) =>
    catalog.execute(() => (fails === undefined ? 1 : Promise.reject(fails))).catch(() => undefined);
  const counted = () => {
    const [, monitor] = [...health.monitors()][0] ?? [];
    const { total_requests = -1, errors = -1 } = monitor?.snapshot() ?? {};
    return [total_requests, errors];
  };
  return { clock, resilience, health, catalog, call, counted, changes };
}

test('a call counts by what it shows of the dependency', async () => {
  const cases: [thrown: unknown, total: number, errors: number][] = [
    [undefined, 1, 0],
    [new BadGatewayError('catalog'), 1, 1],
    [new TypeError('terminated'), 1, 1],
    [new ConflictError('No.'), 1, 0],
    [new NotFoundError('item', 1), 0, 0],
    [new RateLimitError('Slow down.'), 0, 0],
    [new RequestCancelledError('Gone.'), 0, 0],
    [new BadGatewayError('payments', { context: { dependency_code: 'X' } }), 1, 1],
  ];
  for (const [thrown, ...expected] of cases) {
    const { call, counted } = watch();
    await call(thrown);
    assert.deepEqual(counted(), expected, String(thrown));
  }
});

test('the caller’s own deadline says nothing', async () => {
  const { clock, catalog, counted } = watch({ timeoutMs: 1_000 });
  const late = catalog.execute(() => new Promise(() => {}), {
    deadline: Deadline.after(10, clock),
  });
  const ended = assert.rejects(late, DeadlineExceededError);
  await clock.advance(20);
  await ended;
  assert.deepEqual(counted(), [0, 0]);
});

test('a refusal by the circuit counts, one by our own bulkhead does not', async () => {
  const { resilience, call, counted, changes, health } = watch({ breaker: {} });
  resilience.find('catalog')?.isolate({ by: 'test', why: 'to be refused', forMs: 60_000 });
  for (let i = 0; i < 10; i++) await call();
  assert.deepEqual(counted(), [10, 10]);
  assert.equal(health.isUnhealthy('catalog'), true);
  assert.deepEqual(changes, [['catalog', true]]);

  const inner = watch();
  const users = inner.resilience.dependency('users');
  users.isolate({ by: 'test', why: 'to refuse', forMs: 60_000 });
  await inner.catalog.execute(() => users.execute(() => 1)).catch(() => undefined);
  assert.deepEqual(inner.counted(), [0, 0], 'another circuit refused');

  const full = watch({ bulkhead: { concurrent: 1, queue: 0 } });
  const first = full.catalog.execute(() => new Promise<void>((resolve) => setImmediate(resolve)));
  await full.call();
  await first;
  assert.deepEqual(full.counted(), [1, 0]);
});

test('each dependency is judged alone, and forgotten after half a minute', async () => {
  const { clock, resilience, health, call, changes } = watch();
  const users = resilience.dependency('users', { retry: false, breaker: false });
  for (let i = 0; i < 20; i++) {
    await call(new BadGatewayError('catalog'));
    await users.execute(() => 1);
  }
  assert.deepEqual([health.isUnhealthy('catalog'), health.isUnhealthy('users')], [true, false]);
  assert.equal(health.isUnhealthy('nobody'), false);
  await clock.advance(30_001);
  assert.equal(health.isUnhealthy('catalog'), false);
  assert.deepEqual(changes, [
    ['catalog', true],
    ['catalog', false],
  ]);
});

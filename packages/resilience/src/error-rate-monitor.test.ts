import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry } from '@breakwater/telemetry';
import fc from 'fast-check';
import { ErrorRateMonitor, type ErrorRateMonitorOptions } from './error-rate-monitor.ts';
import { METRICS } from './names.ts';
import { exportErrorRates } from './prometheus/index.ts';
import { metricValue, VirtualClock } from './testing/index.ts';

function setUp(options: ErrorRateMonitorOptions = {}) {
  const clock = new VirtualClock();
  const monitor = new ErrorRateMonitor({ clock, ...options });
  const changes: boolean[] = [];
  monitor.onChange(({ is_unhealthy }) => changes.push(is_unhealthy));
  const record = (succeeded: boolean, times: number) => {
    for (let i = 0; i < times; i++) monitor.record(succeeded);
  };
  return { clock, monitor, changes, record };
}

test('is unhealthy above 30 % of the last 100 requests, healthy again at 15 %', () => {
  const { monitor, changes, record } = setUp();
  record(true, 100);
  record(false, 30);
  assert.deepEqual(monitor.snapshot(), {
    total_requests: 100,
    errors: 30,
    error_rate: 0.3,
    is_unhealthy: false,
  });
  record(false, 1);
  assert.equal(monitor.snapshot().is_unhealthy, true);
  record(true, 84);
  assert.deepEqual([monitor.snapshot().errors, monitor.snapshot().is_unhealthy], [16, true]);
  record(true, 1);
  assert.deepEqual([monitor.snapshot().errors, monitor.snapshot().is_unhealthy], [15, false]);
  assert.deepEqual(changes, [true, false]);
});

test('says nothing of fewer than 20 requests', () => {
  const { monitor, record } = setUp();
  record(false, 19);
  assert.equal(monitor.snapshot().is_unhealthy, false);
  record(false, 1);
  assert.equal(monitor.snapshot().is_unhealthy, true);
});

test('a service that has gone quiet becomes healthy again', () => {
  const { monitor, clock, changes, record } = setUp({ maxAgeMs: 60_000 });
  record(false, 50);
  clock.jump(60_001);
  assert.deepEqual(monitor.snapshot(), {
    total_requests: 0,
    errors: 0,
    error_rate: 0,
    is_unhealthy: false,
  });
  assert.deepEqual(changes, [true, false]);
});

test('a listener that throws, or is taken away, changes nothing', () => {
  const { monitor, changes, record } = setUp();
  monitor.onChange(() => {
    throw new Error('listener');
  });
  const heard: boolean[] = [];
  const stop = monitor.onChange(({ is_unhealthy }) => heard.push(is_unhealthy));
  record(false, 20);
  stop();
  record(true, 200);
  assert.deepEqual(changes, [true, false]);
  assert.deepEqual(heard, [true]);
});

test('shows its window as metrics, as it is when they are read', async () => {
  const registry = createRegistry();
  const { monitor, clock, record } = setUp();
  exportErrorRates(registry, () => [[undefined, monitor]]);
  record(true, 10);
  record(false, 30);
  assert.equal(await metricValue(registry, METRICS.errorRate), 0.75);
  assert.equal(await metricValue(registry, METRICS.errorRateRequests), 40);
  assert.equal(await metricValue(registry, METRICS.errorRateErrors), 30);
  assert.equal(await metricValue(registry, METRICS.errorRateUnhealthy), 1);
  clock.jump(600_000);
  assert.equal(await metricValue(registry, METRICS.errorRateUnhealthy), 0);
});

test('agrees with a list of the last requests', () => {
  const step = fc.record({ succeeded: fc.boolean(), ms: fc.oneof(fc.nat(50), fc.nat(5_000)) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(step, { maxLength: 80 }),
      (size, steps) => {
        const { monitor, clock } = setUp({ size, maxAgeMs: 4_000 });
        let list: { succeeded: boolean; at: number }[] = [];
        for (const { succeeded, ms } of steps) {
          clock.jump(ms);
          monitor.record(succeeded);
          list = [...list, { succeeded, at: clock.now() }].slice(-size);
          const held = list.filter(({ at }) => at >= clock.now() - 4_000);
          const errors = held.filter((each) => !each.succeeded).length;
          const { total_requests, ...snapshot } = monitor.snapshot();
          assert.deepEqual([total_requests, snapshot.errors], [held.length, errors]);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('options out of range are refused', () => {
  const mistakes: ErrorRateMonitorOptions[] = [
    { size: 0 },
    { size: 1.5 },
    { threshold: 0 },
    { threshold: 1.1 },
    { threshold: 0.3, recoveryThreshold: 0.4 },
    { size: 10, minimumRequests: 11 },
    { maxAgeMs: Number.NaN },
  ];
  for (const options of mistakes) {
    assert.throws(() => new ErrorRateMonitor(options), RangeError, JSON.stringify(options));
  }
});

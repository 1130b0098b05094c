import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertOutcomes,
  assertTransitions,
  metricValue,
  ScriptedDependency,
  settle,
  testResilience,
  VirtualClock,
} from './index.ts';

test('the clock fires timers at their times, in order, and lets each settle', async () => {
  const clock = new VirtualClock(0);
  const told: string[] = [];
  clock.setTimer(() => told.push(`b@${clock.now()}`), 20);
  clock.setTimer(async () => {
    await null;
    clock.setTimer(() => told.push(`c@${clock.now()}`), 15);
  }, 10);
  const cancelled = clock.setTimer(() => told.push('never'), 5);
  cancelled.cancel();
  await clock.advance(100);
  assert.deepEqual(told, ['b@20', 'c@25']);
  assert.deepEqual([clock.now(), clock.pending], [100, 0]);
});

test('after a jump timers fire late', async () => {
  const clock = new VirtualClock(0);
  const told: number[] = [];
  clock.setTimer(() => told.push(clock.now()), 10);
  clock.jump(1_000);
  await settle();
  assert.deepEqual(told, []);
  await clock.advance(1);
  assert.deepEqual(told, [1_000]);
});

test('a script goes step by step and stays at its last', async () => {
  const { clock, resilience } = testResilience();
  const catalog = resilience.dependency('catalog', { retry: false });
  const provider = new ScriptedDependency(clock, [{ error: () => new Error('a') }, { value: 1 }]);
  await assert.rejects(catalog.execute(provider.call), /a/);
  assert.equal(await catalog.execute(provider.call), 1);
  assert.equal(await catalog.execute(provider.call), 1);
  provider.script([{ value: 2 }]);
  assert.equal(await catalog.execute(provider.call), 2);
  assert.deepEqual([provider.seen.length, provider.mostActive, provider.active], [4, 1, 0]);
  assert.throws(() => provider.script([]), RangeError);
});

test('assertions fail on what did not happen', async () => {
  const telemetry = testResilience();
  const catalog = telemetry.resilience.dependency('catalog');
  await catalog.execute(() => 1);
  await assertOutcomes(telemetry, 'catalog', { success: 1 });
  await assert.rejects(assertOutcomes(telemetry, 'catalog', { failure: 1 }), /resilience_calls/);
  await assertTransitions(telemetry, 'catalog', []);
  await assert.rejects(assertTransitions(telemetry, 'catalog', ['closed>open']), /transitions of/);
  catalog.isolate({ by: 'a', why: 'b', forMs: 1 });
  await assertTransitions(telemetry, 'catalog', ['closed>isolated']);
  telemetry.lines.length = 0;
  await assert.rejects(assertTransitions(telemetry, 'catalog', ['closed>isolated']), /logged/);
  await assert.rejects(metricValue(telemetry.registry, 'no_such_metric'), /no series/);
});

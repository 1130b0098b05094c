import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRules } from '../rules.ts';
import { judge } from './alerts.ts';
import type { Phase } from './scenarios.ts';

const PHASES: readonly Phase[] = [
  { name: 'healthy', fromS: 0, toS: 30 },
  { name: 'provider-503', fromS: 30, toS: 75 },
  { name: 'recovery', fromS: 75, toS: 150 },
];
const RANGE = { fromS: 0, toS: 150 };

/** Every five seconds between two moments. */
const every5 = (fromS: number, toS: number) =>
  Array.from({ length: (toS - fromS) / 5 + 1 }, (_, i) => fromS + i * 5);

const problemsOf = (...times: number[][]) =>
  judge('CircuitOpen', PHASES, RANGE, times.flat()).problems;

test('an alert that fires with its cause and stops after it is sound', () => {
  const { live, resolves, problems } = judge('CircuitOpen', PHASES, RANGE, every5(60, 90));
  assert.deepEqual({ live, resolves, problems }, { live: true, resolves: 'seen', problems: [] });
});

test('one that fires without its cause is named', () => {
  assert.deepEqual(problemsOf(every5(20, 90)), ['fires while healthy']);
});

test('one that stays silent is named', () => {
  assert.deepEqual(problemsOf(), ['does not fire under provider-503']);
});

test('one that goes on for ever is named', () => {
  assert.deepEqual(problemsOf(every5(60, 150)), ['does not resolve after provider-503']);
});

test('nothing is claimed of an end that lies beyond the run', () => {
  const { resolves, problems } = judge(
    'CircuitOpen',
    PHASES.slice(0, 2),
    { fromS: 0, toS: 80 },
    every5(60, 80),
  );
  assert.match(resolves, /unit tests/);
  assert.deepEqual(problems, []);
});

test('every alert has a scenario, or a reason why there is none', () => {
  for (const { alert } of readRules()) {
    if (!alert) continue;
    assert.doesNotMatch(judge(alert, PHASES, RANGE, []).fires, /nothing says/, alert);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Injection, Statement } from '@breakwater/console/experiments';
import { verdictOf } from './verdict.ts';

const statement = (name: string, held: boolean): Statement => ({
  ...{ during: 'injection', name, expected: '< 5', observed: '7', held },
});
const fault = (landed: boolean): Injection => ({
  ...{ name: 'the fault', fault: '', injected_at: null, undone_at: null },
  ...{ landed, proof: 'it struck 0 of 3' },
});

test('a run passes when every fault landed and every statement held', () => {
  assert.deepEqual(verdictOf([statement('a', true), statement('b', true)], [fault(true)]), {
    verdict: 'passed',
    reason: 'all 2 statements held',
  });
});

test('it fails by its first statement that did not hold, and counts the others', () => {
  const statements = [statement('a', true), statement('b', false), statement('c', false)];
  assert.deepEqual(verdictOf(statements, [fault(true)]), {
    verdict: 'failed',
    reason: 'b: expected < 5, observed 7; and 1 more',
  });
});

test('a fault that did not land says nothing about the system, whatever was seen', () => {
  const { verdict, reason } = verdictOf([statement('a', false)], [fault(true), fault(false)]);
  assert.equal(verdict, 'inconclusive');
  assert.equal(reason, '"the fault" did not land: it struck 0 of 3');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StackError } from './errors.ts';
import { stackVariables } from './stack-variables.ts';

test('nothing is asked of the environment', () => {
  const defaults = { networkFaults: false, demoTraffic: true, chaosRate: 1 };
  assert.deepEqual(stackVariables({}), defaults);
  assert.deepEqual(stackVariables({ CHAOS_RATE: '' }), defaults);
  assert.equal(stackVariables({ CHAOS_RATE: '0.6' }).chaosRate, 0.6);
});

test('every variable that is malformed is told, before anything is started', () => {
  const wrong = {
    TRACE_SAMPLING: 'head',
    TRACE_SAMPLE_PERCENT: '110',
    NETWORK_FAULTS: 'yes',
    DEMO_TRAFFIC: '0',
    CHAOS_RATE: '60%',
  };
  assert.throws(
    () => stackVariables(wrong),
    (error: Error) => {
      assert.ok(error instanceof StackError);
      assert.deepEqual(error.message.split('\n'), [
        'TRACE_SAMPLING=head is not all or tail',
        'TRACE_SAMPLE_PERCENT=110 is no integer from 0 to 100',
        'NETWORK_FAULTS=yes is not on or off',
        'DEMO_TRAFFIC=0 is not on or off',
        'CHAOS_RATE=60% is no number from 0.01 to 100',
      ]);
      return true;
    },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samplesOf, sumOf } from './exposition.ts';

const TEXT = `# TYPE calls counter
calls_total{dependency="users",outcome="failure"} 3 # {trace_id="0af7"} 1 1795231299.455
calls_total{dependency="users",outcome="success"} 4
calls_total_other{dependency="users"} 99
ready 1
`;

test('samples are those of the metric, with or without exemplar and labels', () => {
  const samples = samplesOf(TEXT, 'calls_total');
  assert.equal(samples.length, 2);
  assert.equal(sumOf(samples), 7);
  assert.equal(sumOf(samples, { outcome: 'failure' }), 3);
  assert.equal(sumOf(samples, { outcome: 'none' }), 0);
  assert.equal(sumOf(samplesOf(TEXT, 'ready')), 1);
});

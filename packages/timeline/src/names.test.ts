import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { READ_METRICS, WORST_FIRST } from './names.ts';

const read = (path: string) =>
  readFileSync(new URL(`../../${path}/src/names.ts`, import.meta.url), 'utf8');

test('what is read is what its owners write', () => {
  const service = read('hono');
  const resilience = read('resilience');
  assert.ok(service.includes(`'${READ_METRICS.requestDuration}'`));
  assert.ok(service.includes(`'${READ_METRICS.errors}'`));
  assert.ok(resilience.includes(`'${READ_METRICS.breakerStatus}'`));
  const states = /CIRCUIT_STATES = \[(.*)\]/.exec(resilience)?.[1]?.match(/\w+/g);
  assert.deepEqual([...WORST_FIRST].sort(), states?.sort());
});

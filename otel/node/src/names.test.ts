import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from './names.ts';

test('metric names are what Prometheus wants, and each stands for one thing', () => {
  const names = Object.values(METRICS);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
  assert.equal(new Set(names).size, names.length);
});

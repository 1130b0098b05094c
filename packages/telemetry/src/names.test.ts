import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTES, FIELDS, METRICS } from './names.ts';

test('metric names are what Prometheus wants, and each stands for one thing', () => {
  const names = Object.values(METRICS);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
  assert.equal(new Set(names).size, names.length);
});

test('fields of a line and attributes stay apart when Loki writes dots as underscores', () => {
  const stored = Object.values(FIELDS).map((field) => field.replaceAll('.', '_'));
  assert.equal(new Set(stored).size, stored.length);
  const attributes = Object.values(ATTRIBUTES);
  assert.equal(new Set(attributes).size, attributes.length);
});

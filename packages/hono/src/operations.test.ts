import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry, registry as processRegistry } from '@breakwater/telemetry';
import { Hono } from 'hono';
import { Counter, type Registry } from 'prom-client';
import { breakwater } from './breakwater.ts';

test('an app alone in its process has metrics without an empty line, which Prometheus refuses', async () => {
  const registry = createRegistry() as Registry;
  const { operations } = breakwater(new Hono(), { name: 'alone', logger: false, registry });
  const headers = { host: '127.0.0.1:9464' };
  const text = await (await operations.request('/metrics', { headers })).text();
  assert.doesNotMatch(text, /\n\n/);
  assert.match(text, /\n# EOF\n$/);
});

test('the counters of the process are on every page, not only on the first', async () => {
  const registers = [processRegistry as Registry];
  new Counter({ name: 'kept_total', help: 'Kept.', registers }).inc();
  const registry = createRegistry() as Registry;
  const { operations } = breakwater(new Hono(), { name: 'beside', logger: false, registry });
  const headers = { host: '127.0.0.1:9464' };
  for (const page of ['first', 'second', 'third']) {
    const text = await (await operations.request('/metrics', { headers })).text();
    assert.equal(text.match(/^kept_total 1$/gm)?.length, 1, page);
  }
});

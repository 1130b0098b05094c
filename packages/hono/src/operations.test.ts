import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRegistry } from '@breakwater/telemetry';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import { breakwater } from './breakwater.ts';

test('an app alone in its process has metrics without an empty line, which Prometheus refuses', async () => {
  const registry = createRegistry() as Registry;
  const { operations } = breakwater(new Hono(), { name: 'alone', logger: false, registry });
  const headers = { host: '127.0.0.1:9464' };
  const text = await (await operations.request('/metrics', { headers })).text();
  assert.doesNotMatch(text, /\n\n/);
  assert.match(text, /\n# EOF\n$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { collectSpanMetrics } from './telemetry-metrics.ts';

const COUNTS = {
  queued: 3,
  exported: 10,
  dropped: { queueFull: 1, rejected: 2, retriesExhausted: 4, shutdown: 0 },
};

test('the counts of the queue are read at each scrape', async () => {
  const register = new Registry();
  let counts = COUNTS;
  collectSpanMetrics(() => counts, register);
  assert.match(await register.metrics(), /^otel_spans_exported_total 10$/m);
  counts = { ...COUNTS, exported: 12 };
  const text = await register.metrics();
  assert.match(text, /^otel_spans_exported_total 12$/m);
  assert.match(text, /^otel_spans_queued 3$/m);
  assert.match(text, /^otel_spans_dropped_total\{reason="queue_full"\} 1$/m);
  assert.match(text, /^otel_spans_dropped_total\{reason="rejected"\} 2$/m);
  assert.match(text, /^otel_spans_dropped_total\{reason="retries_exhausted"\} 4$/m);
  assert.match(text, /^otel_spans_dropped_total\{reason="shutdown"\} 0$/m);
});

test('without an SDK everything is 0, and a second call adds nothing', async () => {
  const register = new Registry();
  collectSpanMetrics(() => undefined, register);
  collectSpanMetrics(() => COUNTS, register);
  assert.match(await register.metrics(), /^otel_spans_exported_total 0$/m);
});

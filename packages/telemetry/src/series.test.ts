import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { CounterFamily, DURATION_BUCKETS, DurationFamily, type MetricsRegistry } from './series.ts';

const tracer = new TracerProvider({ sampler: new AlwaysOnSampler() }).getTracer('test');

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
after(() => context.disable());

function openMetrics(): MetricsRegistry {
  const registry: MetricsRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** Label order and the order of lines mean nothing. */
async function lines(registry: MetricsRegistry): Promise<string[]> {
  const text = await registry.metrics();
  return text
    .split('\n')
    .map((line) => line.replace(/\{(.*?)\}/, (_, labels) => `{${labels.split(',').sort()}}`))
    .sort();
}

const observation = fc.record({
  route: fc.constantFrom('/a', '/b "quoted"\n'),
  status: fc.constantFrom(200, 503),
  seconds: fc.double({ min: 0, max: 20, noNaN: true }),
});

describe('DurationFamily', () => {
  it('says what prom-client’s own histogram says of the same observations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observation, { maxLength: 40 }), async (observations) => {
        const ours = openMetrics();
        const theirs = openMetrics();
        const family = new DurationFamily(ours, 'a_seconds', 'Help.');
        const histogram = new Histogram({
          name: 'a_seconds',
          help: 'Help.',
          labelNames: ['route', 'status'],
          buckets: [...DURATION_BUCKETS],
          enableExemplars: true,
          registers: [theirs as Registry],
        });
        for (const { seconds, ...labels } of observations) {
          family.series(labels).observe(seconds);
          histogram.observe({ labels, value: seconds });
        }
        assert.deepEqual(await lines(ours), await lines(theirs));
      }),
      { numRuns: 50 },
    );
  });

  it('puts the trace beside the bucket it was observed in, once an interval', async () => {
    const registry = openMetrics();
    const series = new DurationFamily(registry, 'a_seconds', 'Help.').series({ route: '/a' });
    const traces = [0.3, 0.3, 7].map((seconds) =>
      tracer.startActiveSpan('request', (span) => {
        series.observeWithExemplar(seconds);
        span.end();
        return span.spanContext().traceId;
      }),
    );
    const text = await registry.metrics();
    assert.match(text, new RegExp(`le="0.5"} 2 # {trace_id="${traces[0]}"`));
    assert.equal(text.match(/# \{/g)?.length, 1);
    assert.doesNotMatch(text, /undefined|null/);
  });

  it('can be reset with its registry', async () => {
    const registry = openMetrics();
    const series = new DurationFamily(registry, 'a_seconds', 'Help.').series({ route: '/a' });
    series.observe(1);
    registry.resetMetrics();
    assert.match(await registry.metrics(), /^a_seconds_count\{route="\/a"\} 0$/m);
  });
});

describe('CounterFamily', () => {
  it('says what prom-client’s own counter says', async () => {
    const ours = openMetrics();
    const theirs = openMetrics();
    const family = new CounterFamily(ours, 'a_total', 'Help.', ['code']);
    const registers = [theirs as Registry];
    const counter = new Counter({
      name: 'a_total',
      help: 'Help.',
      labelNames: ['code'],
      registers,
    });
    for (const [index, code] of ['X', 'Y', 'X', 'X'].entries()) {
      family.series({ code }).add();
      counter.inc({ code });
      // Reading in between must not change what is counted.
      if (index === 1) await ours.metrics();
    }
    assert.deepEqual(await lines(ours), await lines(theirs));
  });

  it('has a series at 0 from when it is asked for', async () => {
    const registry = openMetrics();
    new CounterFamily(registry, 'a_total', 'Help.', ['code']).series({ code: 'X' });
    assert.match(await registry.metrics(), /^a_total\{code="X"\} 0$/m);
  });

  it('counts with an exemplar where one is due, and without where none is', async () => {
    const registry = openMetrics();
    const series = new CounterFamily(registry, 'a_total', 'Help.', ['code']).series({ code: 'X' });
    series.addWithExemplar();
    const [first] = [0, 1].map(() =>
      tracer.startActiveSpan('request', (span) => {
        series.addWithExemplar();
        span.end();
        return span.spanContext().traceId;
      }),
    );
    assert.match(
      await registry.metrics(),
      new RegExp(`^a_total{code="X"} 3 # {trace_id="${first}",span_id="[0-9a-f]{16}"} 1 `, 'm'),
    );
  });
});

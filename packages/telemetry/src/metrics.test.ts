import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { context, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { Counter, Histogram, Registry } from 'prom-client';
import { countWithExemplar, observeWithExemplar, registry } from './metrics.ts';

const provider = new TracerProvider({ sampler: new AlwaysOnSampler() });

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
after(() => context.disable());

function inSpan(work: () => void): SpanContext {
  return provider.getTracer('test').startActiveSpan('request', (span) => {
    work();
    span.end();
    return span.spanContext();
  });
}

let names = 0;
/** Each test has series of its own: the intervals live as long as the process. */
const freshName = () => `test_${++names}`;

describe('the exposition', () => {
  /** OpenMetrics 1.0, the lines that a counter and a histogram are made of. */
  const LINE =
    /^(# (HELP|TYPE|EOF).*|[a-z0-9_]+(\{([a-z_]+="[^"]*",?)*\})? [\d.e+-]+( # \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} [\d.e+-]+ \d+(\.\d+)?)?)$/;

  function createMetrics() {
    const register = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const registers = [register as unknown as Registry];
    const shared = { help: 'Help.', labelNames: ['route'], registers, enableExemplars: true };
    const counterName = `${freshName()}_total`;
    const histogramName = `${freshName()}_seconds`;
    const counter = new Counter({ ...shared, name: counterName });
    const histogram = new Histogram({ ...shared, name: histogramName, buckets: [0.1, 1] });
    return {
      register,
      count: () => countWithExemplar(counter, counterName, { route: '/a' }),
      observe: (value: number) =>
        observeWithExemplar(histogram, histogramName, { route: '/a' }, value),
    };
  }

  it('is OpenMetrics with the trace beside what it counted', async () => {
    const { register, count, observe } = createMetrics();
    const { traceId } = inSpan(() => {
      count();
      observe(0.5);
    });
    const text = await register.metrics();
    for (const line of text.trimEnd().split('\n')) assert.match(line, LINE);
    const lines = text.split('\n').filter((line) => line.includes(traceId));
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /_total\{route="\/a"\} 1 # \{/);
    assert.match(lines[1] ?? '', /_bucket\{le="1",route="\/a"\} 1 # \{/);
  });

  it('never says "undefined", with a span or without', async () => {
    const { register, count, observe } = createMetrics();
    count();
    observe(0.05);
    inSpan(() => {
      count();
      observe(5);
    });
    count();
    observe(0.5);
    const text = await register.metrics();
    assert.doesNotMatch(text, /undefined|null|NaN/);
    for (const line of text.trimEnd().split('\n')) assert.match(line, LINE);
    assert.match(text, /_total\{route="\/a"\} 3/);
    assert.match(text, /_count\{route="\/a"\} 3/);
  });

  it('of the process is OpenMetrics too', () => {
    assert.match(registry.contentType, /^application\/openmetrics-text/);
  });
});

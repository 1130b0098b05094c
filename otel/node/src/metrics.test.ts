import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { context, type Span, TraceFlags, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Counter, Histogram, Registry } from 'prom-client';
import {
  countWithExemplar,
  EXEMPLAR_INTERVAL_MS,
  exemplar,
  observeWithExemplar,
  registry,
} from './metrics.ts';

const exporter = new InMemorySpanExporter();
const spanProcessors = [new SimpleSpanProcessor({ exporter })];
const sampled = new TracerProvider({ spanProcessors, sampler: new AlwaysOnSampler() });
const unsampled = new TracerProvider({ spanProcessors, sampler: new AlwaysOffSampler() });

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
after(() => context.disable());

/** Runs `work` in a span and returns the span. */
function inSpan(work: () => void, provider = sampled): Span {
  return provider.getTracer('test').startActiveSpan('request', (span) => {
    work();
    span.end();
    return span;
  });
}

function marked({ spanId }: { spanId: string }): unknown {
  const span = exporter.getFinishedSpans().find((ended) => ended.spanContext().spanId === spanId);
  return span?.attributes['breakwater.exemplar'];
}

let names = 0;
/** Each test has series of its own: the intervals live as long as the process. */
const freshName = () => `test_${++names}`;

describe('an exemplar', () => {
  it('names the span, which is marked so that the collector keeps its trace', () => {
    let given: ReturnType<typeof exemplar>;
    const span = inSpan(() => {
      given = exemplar(freshName(), { route: '/a' });
    });
    const { traceId, spanId } = span.spanContext();
    assert.deepEqual(given, { trace_id: traceId, span_id: spanId });
    assert.equal(marked({ spanId }), true);
  });

  it('comes once a series an interval, and only its span is marked', () => {
    const name = freshName();
    const given: boolean[] = [];
    const spans = [0, EXEMPLAR_INTERVAL_MS - 1, EXEMPLAR_INTERVAL_MS].map((now) =>
      inSpan(() => given.push(exemplar(name, { route: '/a' }, now) !== undefined)),
    );
    assert.deepEqual(given, [true, false, true]);
    assert.deepEqual(
      spans.map((span) => marked(span.spanContext())),
      [true, undefined, true],
    );
  });

  it('is due for each series on its own', () => {
    const name = freshName();
    inSpan(() => {
      for (const labels of [
        { a: 'x', b: 'y' },
        { a: 'x', b: 'z' },
        { a: 'xy', b: '' },
      ]) {
        assert.ok(exemplar(name, labels, 0), JSON.stringify(labels));
      }
      assert.ok(exemplar(freshName(), { a: 'x', b: 'y' }, 0));
    });
  });

  it('is none without a span that will be exported, and then none is used up', () => {
    const name = freshName();
    assert.equal(exemplar(name, {}, 0), undefined);
    inSpan(() => assert.equal(exemplar(name, {}, 0), undefined), unsampled);
    const remote = trace.wrapSpanContext({
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: TraceFlags.SAMPLED,
    });
    context.with(trace.setSpan(context.active(), remote), () =>
      assert.equal(exemplar(name, {}, 0), undefined),
    );
    inSpan(() => assert.ok(exemplar(name, {}, 0)));
  });
});

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
    }).spanContext();
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

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
import { EXEMPLAR_INTERVAL_MS, exemplar } from './exemplar.ts';

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

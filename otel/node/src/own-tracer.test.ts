import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing, TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, type SpanLimits, TracerProvider } from '@opentelemetry/sdk-trace';
import { DEFAULT_LIMITS } from './own-span.ts';
import { provideOwnTracers } from './own-tracer.ts';

const resource = resourceFromAttributes({ 'service.name': 'test' });

let ended: ReadableSpan[];

/** The SDK's tracer and ours, of the same settings. */
function tracers(limits: Partial<SpanLimits> = {}): { sdk: Tracer; own: Tracer } {
  const onEnd = (span: ReadableSpan) => ended.push(span);
  const processor = { onStart() {}, onEnd, async forceFlush() {}, async shutdown() {} };
  const all = { ...DEFAULT_LIMITS, ...limits };
  trace.setGlobalTracerProvider(
    new TracerProvider({ resource, spanProcessors: [processor], spanLimits: all }),
  );
  provideOwnTracers({ resource, limits: all, onEnd });
  return { sdk: trace.getTracer('another', '1'), own: trace.getTracer('@breakwater/x', '1') };
}

beforeEach(() => {
  ended = [];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => {
  trace.disable();
  context.disable();
});

/** What a collector is told of a span, but for what differs by chance. */
function told(span: ReadableSpan) {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  assert.match(traceId, /^[0-9a-f]{32}$/);
  assert.match(spanId, /^[0-9a-f]{16}$/);
  const said = {
    ...{ name: span.name, kind: span.kind, parent: span.parentSpanContext?.spanId },
    ...{ traceFlags, traceState: traceState?.serialize() },
    ...{ attributes: span.attributes, links: span.links, status: span.status },
    events: span.events.map(({ time: _, ...event }) => event),
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
    ...{ ended: span.ended, resource: span.resource.attributes },
  };
  return JSON.parse(JSON.stringify(said));
}

const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
const PARENT = trace.setSpanContext(ROOT_CONTEXT, {
  ...remote,
  isRemote: true,
  traceState: new TraceState('k=v'),
});

const CASES: Record<
  string,
  {
    options?: SpanOptions;
    parent?: typeof PARENT;
    limits?: Partial<SpanLimits>;
    use?: (span: Span) => void;
  }
> = {
  'a root': { options: { kind: SpanKind.SERVER, attributes: { a: 1, b: 'x', c: true } } },
  'a child of another process': { parent: PARENT },
  'a root where there is a parent': { parent: PARENT, options: { root: true } },
  links: { options: { links: [{ context: remote, attributes: { a: 1 } }, { context: remote }] } },
  'what comes later': {
    use: (span) =>
      span
        .setAttribute('a', 1)
        .setAttribute('a', ['x', 'y'])
        .setAttributes({ b: 2, c: undefined, '': 1 })
        .setAttribute('wrong', Symbol('x') as never)
        .addEvent('e', { x: 1, wrong: Symbol('x') as never })
        .addEvent('timed', new Date(1))
        .addLink({ context: remote })
        .updateName('renamed'),
  },
  'an error': { use: (span) => span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' }) },
  'a success is final': {
    use: (span) =>
      span
        .setStatus({ code: SpanStatusCode.OK, message: 'not kept' })
        .setStatus({ code: SpanStatusCode.ERROR }),
  },
  'an exception': {
    use: (span) => {
      span.recordException({ name: 'TypeError', message: 'no', stack: 'at x' });
      span.recordException({ code: 42, message: 'no' });
      span.recordException('text');
      span.recordException({} as never);
    },
  },
  limits: {
    options: { attributes: { a: 'long', b: 1, c: 2 } },
    limits: {
      ...{ attributeCountLimit: 2, attributeValueLengthLimit: 3, eventCountLimit: 1 },
      ...{ linkCountLimit: 1, attributePerEventCountLimit: 1, attributePerLinkCountLimit: 1 },
    },
    use: (span) => {
      span.setAttribute('d', 3).setAttribute('a', 'longer');
      for (const name of ['e1', 'e2']) span.addEvent(name, { x: 'long', y: 2 });
      for (const x of [1, 2]) span.addLink({ context: remote, attributes: { x, y: 2 } });
    },
  },
  'as many attributes as there may be': {
    use: (span) => {
      for (let i = 0; i < 130; i++) span.setAttribute(`a${i}`, i);
    },
  },
  'no events and no links': {
    limits: { eventCountLimit: 0, linkCountLimit: 0 },
    use: (span) => span.addEvent('e').addLink({ context: remote }),
  },
  'nothing after the end': {
    use: (span) => {
      span.end();
      span.setAttribute('late', 1).updateName('late').setStatus({ code: SpanStatusCode.ERROR });
      span.addEvent('late').addLink({ context: remote });
    },
  },
};

describe('a span of our own is told as one of the SDK', () => {
  for (const [what, { options, parent = ROOT_CONTEXT, limits, use }] of Object.entries(CASES)) {
    it(what, () => {
      const { sdk, own } = tracers(limits);
      for (const tracer of [sdk, own]) {
        const given = options?.attributes;
        const copied = given ? { ...options, attributes: { ...given } as Attributes } : options;
        const span = tracer.startSpan('work', copied, parent);
        use?.(span);
        if (span.isRecording()) span.end();
      }
      const [theirs, ours] = ended as [ReadableSpan, ReadableSpan];
      assert.equal(ended.length, 2);
      assert.deepEqual(told(ours), told(theirs));
      assert.deepEqual(ours.instrumentationScope.name, '@breakwater/x');
    });
  }
});

it('takes as long as it takes, and as long as it is told', () => {
  const { sdk, own } = tracers();
  for (const tracer of [sdk, own]) {
    tracer.startSpan('told', { startTime: new Date(1_000) }).end(new Date(1_500));
    tracer.startSpan('backwards', { startTime: new Date(2_000) }).end(new Date(1_500));
    tracer.startSpan('measured').end();
  }
  const [theirs, ours] = [ended.slice(0, 3), ended.slice(3)];
  for (const [i, mine] of ours.entries()) {
    const { name, startTime, endTime, duration } = mine;
    if (name === 'measured') {
      assert.ok(duration[0] === 0 && duration[1] >= 0);
      assert.ok(Math.abs(startTime[0] - Date.now() / 1_000) < 60);
    } else {
      assert.deepEqual(
        { startTime, endTime, duration },
        {
          startTime: theirs[i]?.startTime,
          endTime: theirs[i]?.endTime,
          duration: theirs[i]?.duration,
        },
      );
    }
  }
});

it('makes no span where tracing is suppressed, and is active where it was made to be', () => {
  const { own, sdk } = tracers();
  assert.equal(own.startSpan('x', {}, suppressTracing(ROOT_CONTEXT)).isRecording(), false);
  own.startActiveSpan('outer', (outer) => {
    assert.equal(trace.getActiveSpan(), outer);
    sdk.startSpan('child').end();
    outer.end();
  });
  const [child, outer] = ended as [ReadableSpan, ReadableSpan];
  assert.equal(child.parentSpanContext?.spanId, outer.spanContext().spanId);
  assert.equal(child.spanContext().traceId, outer.spanContext().traceId);
});

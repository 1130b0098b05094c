import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  BadGatewayError,
  DependencyTimeoutError,
  DependencyUnavailableError,
} from '@breakwater/errors';
import { resendCount } from '@breakwater/otel';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { Deadline } from '../deadline.ts';
import { ATTRIBUTES, EVENTS } from '../names.ts';
import { settle } from '../testing/index.ts';
import { TWO_FAILURES, tracedDependency } from '../testing/traced-dependency.ts';
import { inSpan, startTracing, takeSpans } from './recorded-spans.ts';

before(startTracing);

const down = () => new BadGatewayError('catalog');

test('retries, transitions, rejections and fallbacks are events of the active span', async () => {
  const { catalog, provider, clock } = tracedDependency(TWO_FAILURES);
  provider.script([{ error: down }]);
  const fallback = [{ source: 'degraded', value: 'none' }] as const;
  const asking = inSpan('failing', () => catalog.execute(provider.call, { fallback }));
  await clock.advance(10);
  await asking;
  await inSpan('refused', () => catalog.execute(provider.call, { fallback }));
  const [failing, refused] = takeSpans();
  const events = (span = failing) =>
    span?.events.map(({ name, attributes }) => [name, attributes?.[ATTRIBUTES.reason]]);
  assert.deepEqual(events(failing), [
    [EVENTS.retry, 'bad_answer'],
    [EVENTS.transition, 'tripped'],
    [EVENTS.fallback, undefined],
  ]);
  assert.deepEqual(events(refused), [
    [EVENTS.rejection, 'circuit_open'],
    [EVENTS.fallback, undefined],
  ]);
  assert.equal(failing?.events[0]?.attributes?.[ATTRIBUTES.delayMs], 10);
  assert.equal(failing?.events[2]?.attributes?.[ATTRIBUTES.source], 'degraded');
  assert.equal(failing?.status.code, SpanStatusCode.UNSET);
});

test('each attempt runs in a context that says which resend it is', async () => {
  const { catalog, provider, clock, resilience } = tracedDependency({
    ...TWO_FAILURES,
    retry: { attempts: 3, backoff: { initialMs: 1, jitter: 'none' } },
    breaker: false,
  });
  const inner = resilience.dependency('inner');
  provider.script([{ error: down }]);
  const counts: (number | undefined)[] = [];
  const calling = catalog.execute(async (attempt) => {
    counts.push(resendCount(context.active()));
    counts.push(await inner.execute(() => resendCount(context.active())));
    return provider.call(attempt);
  });
  await Promise.all([assert.rejects(calling), clock.advance(100)]);
  assert.deepEqual(counts, [undefined, undefined, 1, undefined, 2, undefined]);
});

test('asked for, there is one span an attempt, and what it calls is below it', async () => {
  const { catalog, provider, clock } = tracedDependency({ ...TWO_FAILURES, spanPerAttempt: true });
  provider.script([{ error: () => new DependencyUnavailableError('catalog') }, { value: 'item' }]);
  const calling = inSpan('request', () =>
    catalog.execute((attempt) => inSpan('query', () => provider.call(attempt))),
  );
  await clock.advance(100);
  await calling;
  const spans = takeSpans();
  const [request] = spans.filter(({ name }) => name === 'request');
  const attempts = spans.filter(({ name }) => name === 'attempt catalog');
  const queries = spans.filter(({ name }) => name === 'query');
  assert.deepEqual(
    attempts.map(({ attributes, status }) => [attributes, status.code]),
    [
      [
        {
          'resilience.dependency': 'catalog',
          'resilience.attempt': 1,
          'error.type': 'DEPENDENCY_UNAVAILABLE',
        },
        SpanStatusCode.ERROR,
      ],
      [
        {
          'resilience.dependency': 'catalog',
          'resilience.attempt': 2,
          'http.request.resend_count': 1,
        },
        SpanStatusCode.UNSET,
      ],
    ],
  );
  for (const [index, attempt] of attempts.entries()) {
    assert.equal(attempt.parentSpanContext?.spanId, request?.spanContext().spanId);
    assert.equal(queries[index]?.parentSpanContext?.spanId, attempt.spanContext().spanId);
  }
});

test('the span of an attempt that is given up ends with it', async () => {
  const { catalog, provider, clock } = tracedDependency({ ...TWO_FAILURES, spanPerAttempt: true });
  provider.script(['ignore-signal']);
  const calling = inSpan('request', () =>
    catalog.execute(provider.call, { deadline: Deadline.after(200, clock) }),
  );
  await Promise.all([assert.rejects(calling), clock.advance(200)]);
  const [attempt] = takeSpans();
  assert.equal(attempt?.attributes[ATTRIBUTES.errorType], 'DEADLINE_EXCEEDED');
  assert.equal(attempt?.status.code, SpanStatusCode.UNSET, 'not the fault of the dependency');
});

test('listeners of the signal run in the context of the call, not of the timer', async () => {
  const { catalog, clock } = tracedDependency({ timeoutMs: 100, retry: false });
  const seen: string[][] = [];
  const hang = (name: string) =>
    inSpan(name, async (span) => {
      const calling = catalog.execute(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              const active = trace.getActiveSpan()?.spanContext().spanId ?? 'none';
              seen.push([active, span.spanContext().spanId]);
              reject(signal.reason);
            });
          }),
      );
      await assert.rejects(calling, DependencyTimeoutError);
    });
  const calls = [hang('a'), hang('b')];
  await clock.advance(100);
  await Promise.all(calls);
  await settle();
  assert.equal(seen.length, 2);
  for (const [active, expected] of seen) assert.equal(active, expected);
});

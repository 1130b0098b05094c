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
import { ATTRIBUTES, EVENTS, METRICS, TRANSITIONS } from '../names.ts';
import type { DependencyOptions } from '../options.ts';
import { Resilience } from '../resilience.ts';
import {
  assertTransitions,
  metricValue,
  ScriptedDependency,
  settle,
  testResilience,
} from '../testing/index.ts';
import { inSpan, startTracing, takeSpans } from './recorded-spans.ts';

before(startTracing);

const down = () => new BadGatewayError('catalog');
const TWO_FAILURES: DependencyOptions = {
  idempotent: true,
  timeoutMs: 500,
  retry: { attempts: 2, backoff: { initialMs: 10, jitter: 'none' } },
  breaker: { trip: { kind: 'consecutive', failures: 2 }, openMs: 1_000 },
};

function setUp(options: DependencyOptions = {}) {
  takeSpans();
  const telemetry = testResilience();
  const catalog = telemetry.resilience.dependency('catalog', options);
  const provider = new ScriptedDependency<string>(telemetry.clock, [{ value: 'item' }]);
  const value = (name: string, labels = {}) => metricValue(telemetry.registry, name, labels);
  return { ...telemetry, telemetry, catalog, provider, value };
}

test('every series of a declared dependency is there from the start, at 0', async () => {
  const { registry } = setUp();
  const text = await registry.metrics();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const nonZero = series.filter((line) => !line.endsWith(' 0'));
  assert.deepEqual(nonZero, [
    'resilience_circuit_breaker_status{breaker="catalog",state="closed"} 1',
    'resilience_bulkhead_limit{dependency="catalog"} 50',
    'resilience_bulkhead_queue_limit{dependency="catalog"} 50',
    'resilience_retry_budget_remaining{dependency="catalog"} 10',
  ]);
  const of = (metric: string) => series.filter((line) => line.startsWith(`${metric}{`)).length;
  assert.equal(of(METRICS.breakerStatus), 4);
  assert.equal(of(METRICS.breakerTransitions), TRANSITIONS.length);
  assert.equal(of(METRICS.calls), 5);
  assert.equal(of(METRICS.rejections), 6);
  assert.equal(of(METRICS.retries), 5);
  assert.equal(of(METRICS.retriesSkipped), 5);
  assert.equal(of(METRICS.fallbacks), 5);
  assert.equal(of(`${METRICS.executionDuration}_count`), 5);
  assert.equal(of(`${METRICS.attemptDuration}_bucket`), 4 * 12);
  assert.equal(of(METRICS.listenerErrors), 1);
});

test('a dependency without a policy has no series for it', async () => {
  const { registry } = setUp({ breaker: false, bulkhead: false, retry: false });
  const text = await registry.metrics();
  for (const metric of [
    METRICS.breakerStatus,
    METRICS.breakerTransitions,
    METRICS.bulkheadLimit,
    METRICS.retryBudgetRemaining,
  ]) {
    assert.ok(!text.includes(`\n${metric}{`), metric);
  }
});

test('two processes in one, as in tests, share the series of a name', async () => {
  const { catalog, registry, value } = setUp();
  const again = new Resilience({ registry }).dependency('catalog');
  await catalog.execute(() => 1);
  await again.execute(() => 2);
  const lines = (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#'));
  const names = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  assert.equal(new Set(names).size, names.length, 'a series is there twice');
  const success = { dependency: 'catalog', outcome: 'success' };
  assert.equal(await value(METRICS.calls, success), 2);
  assert.equal(await value(`${METRICS.executionDuration}_count`, success), 2);
});

test('a registry that was cleared takes the metrics of the next dependency', async () => {
  const { resilience, registry } = setUp();
  registry.clear();
  resilience.dependency('users');
  assert.match(await registry.metrics(), /resilience_calls_total\{dependency="users"/);
});

test('durations are in seconds, in cumulative buckets', async () => {
  const { catalog, provider, clock, value } = setUp({ retry: false });
  provider.script([{ value: 'item', afterMs: 30 }]);
  const calling = catalog.execute(provider.call);
  await clock.advance(30);
  await calling;
  const labels = { dependency: 'catalog', outcome: 'success' };
  assert.equal(await value(`${METRICS.attemptDuration}_sum`, labels), 0.03);
  assert.equal(await value(`${METRICS.executionDuration}_count`, labels), 1);
  const bucket = (le: string) => value(`${METRICS.executionDuration}_bucket`, { ...labels, le });
  assert.deepEqual(
    [await bucket('0.025'), await bucket('0.05'), await bucket('10'), await bucket('+Inf')],
    [0, 1, 1, 1],
  );
});

test('the state of a circuit is one-hot; of a keyed one, circuits in each state', async () => {
  const { catalog, provider, value } = setUp({
    retry: false,
    breaker: { trip: { kind: 'consecutive', failures: 1 } },
  });
  const states = async () =>
    Promise.all(
      ['closed', 'open', 'half_open', 'isolated'].map((state) =>
        value(METRICS.breakerStatus, { breaker: 'catalog', state }),
      ),
    );
  assert.deepEqual(await states(), [1, 0, 0, 0]);
  catalog.isolate({ by: 'ana', why: 'test', forMs: 1_000 });
  assert.deepEqual(await states(), [0, 0, 0, 1]);
  provider.script([{ error: down }]);
  await assert.rejects(catalog.execute(provider.call, { key: 'a' }));
  await assert.rejects(catalog.execute(provider.call, { key: 'b' }));
  assert.deepEqual(await states(), [0, 2, 0, 1]);
});

test('a failure leads from the metric to its trace', async () => {
  const { catalog, provider, registry } = setUp({ ...TWO_FAILURES, retry: false });
  provider.script([{ error: down }]);
  const traceIds: string[] = [];
  for (let i = 0; i < 3; i++) {
    await inSpan('request', async (span) => {
      traceIds.push(span.spanContext().traceId);
      await assert.rejects(catalog.execute(provider.call));
    });
  }
  const exemplarOf = async (start: string) =>
    (await registry.metrics())
      .split('\n')
      .find((line) => line.startsWith(start))
      ?.match(/ # \{trace_id="(\w+)"/)?.[1];
  const labels = (outcome: string) => `{dependency="catalog",outcome="${outcome}"`;
  assert.equal(await exemplarOf(`${METRICS.calls}${labels('failure')}`), traceIds[0]);
  assert.equal(await exemplarOf(`${METRICS.calls}${labels('rejected')}`), traceIds[2]);
  assert.equal(
    await exemplarOf(`${METRICS.executionDuration}_bucket${labels('failure')}`),
    traceIds[0],
  );
  assert.equal(
    await exemplarOf(`${METRICS.attemptDuration}_bucket${labels('failure')}`),
    traceIds[0],
  );
  assert.equal(
    await exemplarOf(`${METRICS.breakerTransitions}{breaker="catalog",from="closed",to="open"`),
    traceIds[1],
  );
  assert.equal(
    await exemplarOf(`${METRICS.rejections}{dependency="catalog",reason="circuit_open"`),
    traceIds[2],
  );
});

test('a transition is logged once, with the trace of the call that did it', async () => {
  const { catalog, provider, clock, telemetry } = setUp({ ...TWO_FAILURES, retry: false });
  // Three calls hang at once; the second of their timeouts opens the circuit.
  provider.script(['hang']);
  const traceIds: string[] = [];
  const hang = () =>
    inSpan('request', async (span) => {
      traceIds.push(span.spanContext().traceId);
      await assert.rejects(catalog.execute(provider.call), DependencyTimeoutError);
    });
  const calls = [hang(), hang(), hang()];
  await clock.advance(500);
  await Promise.all(calls);
  await assertTransitions(telemetry, 'catalog', ['closed>open']);
  assert.deepEqual(telemetry.lines, [
    {
      level: 'warn',
      message: 'circuit catalog: closed -> open',
      fields: {
        breaker: 'catalog',
        from: 'closed',
        to: 'open',
        failures: 2,
        reason: 'tripped',
        lasts_ms: 1_000,
        error_type: 'DEPENDENCY_TIMEOUT',
        trace_id: traceIds[1],
      },
    },
  ]);
});

test('an isolation is logged with who and why', () => {
  const { catalog, lines } = setUp();
  catalog.isolate({ by: 'ana', why: 'migration', forMs: 60_000 });
  catalog.release({ by: 'bo', why: 'done' });
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields.to, fields.by, fields.why]),
    [
      ['warn', 'isolated', 'ana', 'migration'],
      ['info', 'half_open', 'bo', 'done'],
    ],
  );
});

test('a log that is set later is used, and one that throws changes nothing', async () => {
  const { resilience, registry } = testResilience();
  const catalog = resilience.dependency('catalog');
  resilience.log = () => {
    throw new Error('disk full');
  };
  catalog.isolate({ by: 'ana', why: 'test', forMs: 1_000 });
  assert.equal(catalog.breakers()[0]?.state, 'isolated');
  assert.equal(await metricValue(registry, METRICS.listenerErrors), 1);
});

test('retries, transitions, rejections and fallbacks are events of the active span', async () => {
  const { catalog, provider, clock } = setUp(TWO_FAILURES);
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
  const { catalog, provider, clock, resilience } = setUp({
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
  const { catalog, provider, clock } = setUp({ ...TWO_FAILURES, spanPerAttempt: true });
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
  const { catalog, provider, clock } = setUp({ ...TWO_FAILURES, spanPerAttempt: true });
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
  const { catalog, clock } = setUp({ timeoutMs: 100, retry: false });
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

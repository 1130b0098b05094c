import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DependencyTimeoutError } from '@breakwater/errors';
import { METRICS } from '../names.ts';
import { assertTransitions, metricValue, testResilience } from '../testing/index.ts';
import { TWO_FAILURES, tracedDependency } from '../testing/traced-dependency.ts';
import { inSpan, startTracing } from './recorded-spans.ts';

before(startTracing);

test('a transition is logged once, with the trace of the call that did it', async () => {
  const { catalog, provider, clock, telemetry } = tracedDependency({
    ...TWO_FAILURES,
    retry: false,
  });
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
  const { catalog, lines } = tracedDependency();
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

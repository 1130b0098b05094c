import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BadGatewayError } from '@breakwater/errors';
import { createRegistry } from '@breakwater/telemetry';
import { METRICS, TRANSITIONS } from '../names.ts';
import type { DependencyOptions } from '../options.ts';
import { Resilience } from '../resilience.ts';
import { inSpan, startTracing } from '../telemetry/recorded-spans.ts';
import { metricValue } from '../testing/index.ts';
import { TWO_FAILURES, tracedDependency } from '../testing/traced-dependency.ts';
import { prometheusMetrics } from './index.ts';

before(startTracing);

const down = () => new BadGatewayError('catalog');
function setUp(options: DependencyOptions = {}) {
  const traced = tracedDependency(options);
  const value = (name: string, labels = {}) => metricValue(traced.registry, name, labels);
  return { ...traced, value };
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
  assert.equal(of(`${METRICS.attemptDuration}_bucket`), 5 * 15);
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
  const again = new Resilience({ metrics: prometheusMetrics(registry) }).dependency('catalog');
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

test('the state of a circuit is one-hot', async () => {
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
  catalog.release({ by: 'ana', why: 'test' });
  provider.script([{ error: down }]);
  await assert.rejects(catalog.execute(provider.call));
  assert.deepEqual(await states(), [0, 1, 0, 0]);
});

test('metrics can be set later, once, for what was declared before as well', async () => {
  const registry = createRegistry();
  const resilience = new Resilience();
  const early = resilience.dependency('early');
  resilience.metrics = prometheusMetrics(registry);
  const late = resilience.dependency('late');
  for (const dependency of [early, late]) await dependency.execute(() => 1);
  for (const dependency of ['early', 'late']) {
    const labels = { dependency, outcome: 'success' };
    assert.equal(await metricValue(registry, METRICS.calls, labels), 1);
  }
  assert.throws(() => {
    resilience.metrics = prometheusMetrics(createRegistry());
  }, /metrics are set already/);
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

/**
 * Assertions on what a dependency did and what its telemetry says about it.
 *
 * @module
 */
import { AssertionError, deepEqual, equal } from 'node:assert/strict';
import type { MetricsRegistry } from '@breakwater/telemetry';
import { FIELDS, METRICS, OUTCOMES, type Outcome } from '../names.ts';
import type { EventRecorder, LoggedLine } from './test-resilience.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The value of a metric: the sum over all series that carry these labels. For a histogram name its
 * `_count`, `_sum` or `_bucket`.
 *
 * @throws {AssertionError} when there is no such series.
 */
export async function metricValue(
  registry: MetricsRegistry,
  name: string,
  labels: Labels = {},
): Promise<number> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const series = (await registry.metrics()).split('\n').filter((line) => {
    const [metric = ''] = line.split(/[{ ]/, 1);
    return metric === name && wanted.every((pair) => line.includes(pair));
  });
  if (series.length === 0) {
    throw new AssertionError({ message: `no series ${name}{${wanted.join(',')}} is exported` });
  }
  return series.reduce((sum, line) => sum + Number(/^[^ {]+(?:\{.*?\})? (\S+)/.exec(line)?.[1]), 0);
}

/** Executions by outcome, in the metric and in the events; outcomes left out did not occur. */
export async function assertOutcomes(
  telemetry: { readonly registry: MetricsRegistry; readonly events: EventRecorder },
  dependency: string,
  expected: Readonly<Partial<Record<Outcome, number>>>,
): Promise<void> {
  const full = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, expected[outcome] ?? 0]));
  const counted: Record<string, number> = {};
  const told: Record<string, number> = {};
  for (const outcome of OUTCOMES) {
    const labels = { dependency, outcome };
    counted[outcome] = await metricValue(telemetry.registry, METRICS.calls, labels);
    told[outcome] = telemetry.events.calls.filter(
      (call) => call.dependency === dependency && call.outcome === outcome,
    ).length;
  }
  deepEqual(counted, full, `${METRICS.calls} of ${dependency}`);
  deepEqual(told, full, `call events of ${dependency}`);
}

/** The transitions of a circuit, as `closed>open`, in order; each logged and counted once. */
export async function assertTransitions(
  telemetry: {
    readonly registry: MetricsRegistry;
    readonly events: EventRecorder;
    readonly lines: readonly LoggedLine[];
  },
  breaker: string,
  expected: readonly string[],
): Promise<void> {
  const told = telemetry.events.transitions.filter((event) => event.breaker === breaker);
  deepEqual(
    told.map(({ from, to }) => `${from}>${to}`),
    expected,
    `transitions of ${breaker}`,
  );
  const logged = telemetry.lines.filter(({ fields }) => fields[FIELDS.breaker] === breaker);
  deepEqual(
    logged.map(({ fields }) => `${fields[FIELDS.from]}>${fields[FIELDS.to]}`),
    expected,
    `logged transitions of ${breaker}`,
  );
  const counted = await metricValue(telemetry.registry, METRICS.breakerTransitions, { breaker });
  equal(counted, expected.length, `${METRICS.breakerTransitions} of ${breaker}`);
}

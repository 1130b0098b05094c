/**
 * Alerts that fire under a scenario, and are silent without it.
 *
 * @module
 */
import { BACKENDS } from '../metrics.ts';
import type { Scenario } from '../proof.ts';
import type { Rule } from '../rules.ts';
import type { Backends, Range, Series } from './backends.ts';
import type { Phase } from './scenarios.ts';

/** What makes an alert fire here, and how long after its end it may go on. */
interface Live {
  readonly scenario: Scenario;
  readonly resolvesWithinS: number;
}

/** Every alert; a sentence says why its cause is not made, so that only unit tests prove it. */
const PROOFS: Readonly<Record<string, Live | string>> = {
  DeadMansSwitch: { scenario: 'healthy', resolvesWithinS: Number.POSITIVE_INFINITY },
  CircuitOpen: { scenario: 'provider-503', resolvesWithinS: 40 },
  TechnicalErrors: { scenario: 'provider-503', resolvesWithinS: 70 },
  ErrorBudgetBurnsDemo: { scenario: 'provider-503', resolvesWithinS: 70 },
  TelemetryLost: { scenario: 'loki-refuses', resolvesWithinS: 310 },
  ProcessDown: { scenario: 'jaeger-down', resolvesWithinS: 25 },
  TelemetryStuck: { scenario: 'jaeger-down', resolvesWithinS: 70 },
  BulkheadFull: { scenario: 'delivery-hang', resolvesWithinS: 70 },
  RetryBudgetSpent: { scenario: 'provider-flaky', resolvesWithinS: 70 },
  CircuitFlapping: { scenario: 'provider-flapping', resolvesWithinS: 610 },
  DependencyOut: 'explains other alerts, and calls nobody',
  OrdersUnsettled: 'waits for five minutes',
  ErrorBudgetBurns: 'its windows are hours',
  ExemplarsAbsent: 'its window is five minutes',
};

export interface AlertResult {
  readonly alert: string;
  /** The scenario that it was seen to fire under, or why none was made. */
  readonly fires: string;
  /** `seen`, or why not. */
  readonly resolves: string;
  /** Whether it was seen live; the unit tests prove all of them. */
  readonly live: boolean;
  readonly problems: readonly string[];
}

const STEP_S = 5;
/** A scrape, an evaluation and the grid of the query lie between a cause and its alert. */
const LAG_S = 15;

export async function checkAlerts(
  rules: readonly Rule[],
  phases: readonly Phase[],
  backends: Backends,
): Promise<AlertResult[]> {
  const range = { fromS: phases[0]?.fromS ?? 0, toS: (phases.at(-1)?.toS ?? 0) + STEP_S };
  // Not those on latency, which depends on the machine, nor tickets, whose windows outlast a fault.
  const series = await backends.prometheusRange(
    `sum by (alertname) (${BACKENDS.alerts}{alertstate="firing", objective!~".*-latency.*", sloth_severity!="ticket"})`,
    range,
    STEP_S,
  );
  const names = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];
  return names.map((alert) => judge(alert, phases, range, firing(alert, series)));
}

/** Moments at which an alert fired, in seconds. */
function firing(alert: string, series: readonly Series[]): number[] {
  const found = series.find(({ labels }) => labels.alertname === alert);
  return (found?.points ?? []).map(([time]) => time);
}

/** What the moments at which an alert fired say about it. */
export function judge(
  alert: string,
  phases: readonly Phase[],
  range: Range,
  times: readonly number[],
): AlertResult {
  const problems: string[] = [];
  const healthy = phases.find(({ name }) => name === 'healthy');
  const proof = PROOFS[alert] ?? 'nothing says how it is made to fire';
  const within = ({ fromS, toS }: Range) => times.some((time) => time >= fromS && time <= toS);
  if (alert !== 'DeadMansSwitch' && healthy && within(healthy))
    problems.push('fires while healthy');
  if (typeof proof === 'string') {
    return { alert, fires: proof, resolves: 'unit tests', live: false, problems };
  }
  const cause = phases.find(({ name }) => name === proof.scenario);
  if (!cause) {
    return { alert, fires: `${proof.scenario} was not run`, resolves: '', live: false, problems };
  }
  const fires = within({ fromS: cause.fromS, toS: cause.toS + LAG_S });
  if (!fires) problems.push(`does not fire under ${proof.scenario}`);
  const silentFromS = cause.toS + proof.resolvesWithinS;
  const result = { alert, fires: proof.scenario, live: fires, problems };
  if (proof.resolvesWithinS === Number.POSITIVE_INFINITY) return { ...result, resolves: 'never' };
  if (silentFromS > range.toS) {
    return { ...result, resolves: `unit tests: it takes ${proof.resolvesWithinS} s` };
  }
  // Other scenarios follow: one silent moment is enough.
  const moments = Math.floor(
    Math.min(range.toS - cause.toS, proof.resolvesWithinS + LAG_S) / STEP_S,
  );
  const after = Array.from({ length: moments }, (_, i) => ({
    fromS: cause.toS + i * STEP_S,
    toS: cause.toS + (i + 1) * STEP_S,
  }));
  if (after.every(within)) problems.push(`does not resolve after ${proof.scenario}`);
  return { ...result, resolves: 'seen' };
}

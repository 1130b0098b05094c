/**
 * Alerts that fire under a scenario, and are silent without it.
 *
 * @module
 */
import { BACKENDS } from '../metrics.ts';
import type { Scenario } from '../proof.ts';
import type { Rule } from '../rules.ts';
import type { Backends } from './backends.ts';
import type { Phase } from './scenarios.ts';

/** Under which scenario each alert fires here. */
const FIRES: Readonly<Record<string, Scenario>> = {
  CircuitOpen: 'provider-503',
  TechnicalErrors: 'provider-503',
  ErrorBudgetBurnsDemo: 'provider-503',
};

export interface AlertResult {
  readonly alert: string;
  /** The scenario, `always`, or `unit tests` for those whose cause takes too long to make. */
  readonly proven: string;
  readonly problems: readonly string[];
}

export async function checkAlerts(
  rules: readonly Rule[],
  phases: readonly Phase[],
  backends: Backends,
): Promise<AlertResult[]> {
  const range = { fromS: phases[0]?.fromS ?? 0, toS: (phases.at(-1)?.toS ?? 0) + 5 };
  const series = await backends.prometheusRange(
    `sum by (alertname) (${BACKENDS.alerts}{alertstate="firing", objective!~".*-latency.*", sloth_severity!="ticket"})`,
    range,
    5,
  );
  // Not those on latency, which depends on the machine, nor tickets, whose windows outlast a fault.
  const names = [...new Set(rules.flatMap(({ alert }) => alert ?? []))];
  return names.map((alert) => {
    const points = series.find(({ labels }) => labels.alertname === alert)?.points ?? [];
    const during = (phase: Phase | undefined, lag = 15) =>
      points.some(([time]) => phase && time >= phase.fromS && time <= phase.toS + lag);
    const at = (name: string) => phases.find((phase) => phase.name === name);
    const problems: string[] = [];
    if (alert === 'DeadMansSwitch') {
      if (!during(at('healthy'))) problems.push('does not fire');
      return { alert, proven: 'always', problems };
    }
    if (during(at('healthy'), 0)) problems.push('fires while healthy');
    const scenario = FIRES[alert];
    if (!scenario) return { alert, proven: 'unit tests', problems };
    if (!during(at(scenario))) problems.push(`does not fire under ${scenario}`);
    const over = at(scenario)?.toS ?? 0;
    const times = new Set(points.map(([time]) => Math.round(time)));
    const silent = Array.from(
      { length: Math.floor((range.toS - over) / 5) },
      (_, i) => over + i * 5,
    );
    const first = points[0]?.[0] ?? 0;
    const grid = (time: number) => Math.round(first + Math.round((time - first) / 5) * 5);
    if (!silent.some((time) => !times.has(grid(time)))) problems.push('does not resolve');
    return { alert, proven: scenario, problems };
  });
}

/**
 * Fills in variables as Grafana does.
 *
 * @module
 */
import type { JsonDashboard, JsonVariable } from '../offline/model.ts';
import { variableQuery } from '../offline/model.ts';
import type { Backends, Range } from './backends.ts';

const SCRAPE_S = 5;
/** Points that a panel of usual width asks for. */
const POINTS = 1_000;

/** Values of a dashboard's variables, and what the dashboard could not offer. */
export interface Resolved {
  readonly values: Readonly<Record<string, string>>;
  /** What each query variable offers to choose from. */
  readonly offered: Readonly<Record<string, readonly string[]>>;
}

/** `$__interval`: the range by the points, never below the scrape interval. In seconds. */
export function intervalS({ fromS, toS }: Range, points = POINTS): number {
  return Math.max(SCRAPE_S, Math.ceil((toS - fromS) / points));
}

/** `$__rate_interval`: never below four scrapes. In seconds. */
export function rateIntervalS(range: Range): number {
  return Math.max(intervalS(range) + SCRAPE_S, 4 * SCRAPE_S);
}

/** Grafana's own variables. `$__auto` is `$__interval` for Loki and the chosen step elsewhere. */
export function builtIn(range: Range): Record<string, string> {
  return {
    __rate_interval: `${rateIntervalS(range)}s`,
    __interval: `${intervalS(range)}s`,
    __auto: `${intervalS(range)}s`,
    __range: `${Math.round(range.toS - range.fromS)}s`,
    __from: String(Math.round(range.fromS * 1_000)),
    __to: String(Math.round(range.toS * 1_000)),
    __url_time_range: `from=${Math.round(range.fromS * 1_000)}&to=${Math.round(range.toS * 1_000)}`,
  };
}

export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (whole, braced, bare) => {
    return values[braced ?? bare] ?? whole;
  });
}

/** All variables at their defaults, asked in the order in which they depend on each other. */
export async function resolveVariables(
  { templating }: JsonDashboard,
  backends: Backends,
  range: Range,
  given: Readonly<Record<string, string>>,
): Promise<Resolved> {
  const values: Record<string, string> = { ...given };
  const offered: Record<string, readonly string[]> = {};
  for (const variable of templating.list) {
    if (variable.type === 'interval') values[variable.name] = autoInterval(variable, range);
    if (variable.type !== 'query') continue;
    const query = interpolate(variableQuery(variable), values);
    const [, selector = '', label = ''] = /^label_values\((.+),\s*(\w+)\)$/.exec(query) ?? [];
    offered[variable.name] = await backends.prometheusLabelValues(selector, label, range);
    values[variable.name] ??= variable.allValue ?? '.*';
  }
  return { values, offered };
}

function autoInterval({ auto_count = 30, auto_min = '10s' }: JsonVariable, range: Range): string {
  const least = Number.parseInt(auto_min, 10);
  return `${Math.max(least, Math.ceil((range.toS - range.fromS) / auto_count))}s`;
}

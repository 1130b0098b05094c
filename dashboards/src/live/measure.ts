/**
 * Runs every query of a panel over the whole time of the scenarios, and judges what came.
 *
 * @module
 */
import type { JsonDashboard, JsonPanel, Target } from '../offline/model.ts';
import type { PanelSpec } from '../panel.ts';
import type { Backends, Line, Range, Series } from './backends.ts';
import { builtIn, interpolate, intervalS } from './interpolate.ts';
import type { Phase } from './scenarios.ts';

/** What a panel showed, and whether that is what it declares. */
export interface PanelResult {
  readonly dashboard: string;
  readonly id: number;
  readonly title: string;
  readonly kind: PanelSpec['kind'];
  readonly scenario: string;
  readonly moves: 'up' | 'down' | undefined;
  /** Why nothing is claimed but that its queries are answered. */
  readonly unprovoked: string | undefined;
  readonly slowestMs: number;
  readonly series: readonly Series[];
  readonly lines: readonly Line[];
  readonly spans: number;
  /** The sum of its values: healthy, under the scenario, and when it was over. */
  readonly values: { readonly healthy?: number; readonly under?: number; readonly after?: number };
  readonly problems: readonly string[];
}

/** A query that takes longer fails its panel; in milliseconds. */
const TIME_LIMIT_MS = 1_000;
/** The range that stands for `$__range` when a value is followed through time. */
const SHORT_RANGE = '30s';
/** Samples lag behind the phase by a scrape and an evaluation. */
const LAG_S = 6;
const STEP_S = 5;

export async function measurePanel(
  dashboard: JsonDashboard,
  panel: JsonPanel,
  spec: PanelSpec,
  variables: Readonly<Record<string, string>>,
  phases: readonly Phase[],
  backends: Backends,
): Promise<PanelResult> {
  const range = { fromS: phases[0]?.fromS ?? 0, toS: (phases.at(-1)?.toS ?? 0) + LAG_S };
  const problems: string[] = [];
  const series: Series[] = [];
  const lines: Line[] = [];
  const compared: Series[] = [];
  let [spans, slowestMs] = [0, 0];
  // A run of fewer scenarios claims nothing about the panels of the others.
  const claimed = !spec.proof.unprovoked && phases.some(({ name }) => name === spec.proof.scenario);
  const values = { ...builtIn(range), __range: SHORT_RANGE, ...variables };
  for (const target of panel.targets ?? []) {
    try {
      const { got, tookMs } = await timed(() => runTarget(target, range, values, backends));
      slowestMs = Math.max(slowestMs, tookMs);
      series.push(...got.series);
      lines.push(...got.lines);
      spans += got.spans;
      if (claimed) problems.push(...checkTarget(target, got));
      if (compared.length === 0)
        compared.push(...(await followed(target, got, range, values, backends)));
    } catch (error) {
      problems.push(`${target.refId}: ${(error as Error).message}`);
    }
  }
  if (slowestMs > TIME_LIMIT_MS) problems.push(`a query took ${Math.round(slowestMs)} ms`);
  const moved = claimed ? compare(spec, phases, compared, problems) : {};
  return {
    dashboard: dashboard.uid,
    id: panel.id,
    title: panel.title,
    kind: spec.kind,
    scenario: spec.proof.scenario,
    moves: spec.proof.moves,
    unprovoked:
      spec.proof.unprovoked ?? (claimed ? undefined : `${spec.proof.scenario} was not run`),
    slowestMs: Math.round(slowestMs),
    series,
    lines: lines.slice(0, 12),
    spans,
    values: moved,
    problems,
  };
}

interface Got {
  readonly series: Series[];
  readonly lines: Line[];
  readonly spans: number;
}

/** A slow answer is asked for again: what is slow is the query, not the moment. */
async function timed(ask: () => Promise<Got>): Promise<{ got: Got; tookMs: number }> {
  let tookMs = Number.POSITIVE_INFINITY;
  for (let attempt = 1; ; attempt++) {
    const startedAt = performance.now();
    const got = await ask();
    tookMs = Math.min(tookMs, performance.now() - startedAt);
    if (tookMs <= TIME_LIMIT_MS || attempt === 3) return { got, tookMs };
  }
}

/** What is followed through time: the curves, or how many lines there were. */
async function followed(
  { expr = '', datasource }: Target,
  { series, lines }: Got,
  range: Range,
  values: Readonly<Record<string, string>>,
  backends: Backends,
): Promise<readonly Series[]> {
  if (datasource.type !== 'loki' || lines.length === 0) return series;
  const count = `sum(count_over_time(${interpolate(expr, values)} [${STEP_S}s]))`;
  return (await backends.loki(count, range, STEP_S, 1)).series;
}

async function runTarget(
  target: Target,
  range: Range,
  values: Readonly<Record<string, string>>,
  backends: Backends,
): Promise<Got> {
  const text = interpolate(target.expr ?? target.query ?? '', values);
  const step = intervalS(range);
  if (target.datasource.type === 'jaeger') {
    return { series: [], lines: [], spans: (await backends.trace(text)).length };
  }
  if (target.datasource.type === 'loki') {
    await backends.parses('logql', text);
    return { ...(await backends.loki(text, range, step, target.maxLines ?? 100)), spans: 0 };
  }
  await backends.parses('promql', text);
  return { series: await backends.prometheusRange(text, range, step), lines: [], spans: 0 };
}

/** Something came, its values are finite, and each label that its legend names is there. */
function checkTarget(
  { refId, legendFormat = '' }: Target,
  { series, lines, spans }: Got,
): string[] {
  const problems: string[] = [];
  if (series.length + lines.length + spans === 0) return [`${refId}: no data`];
  const points = series.flatMap((each) => each.points);
  if (series.length > 0 && !points.some(([, value]) => Number.isFinite(value))) {
    problems.push(`${refId}: no finite value`);
  }
  for (const [, label = ''] of legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    if (series.some(({ labels }) => !labels[label]))
      problems.push(`${refId}: a curve has no ${label}`);
  }
  return problems;
}

/** Whether the panel's value moved with its scenario, and came back. */
function compare(
  { proof }: PanelSpec,
  phases: readonly Phase[],
  all: readonly Series[],
  problems: string[],
): PanelResult['values'] {
  if (!proof.moves) return {};
  const sign = proof.moves === 'up' ? 1 : -1;
  const series = all.filter(({ labels }) =>
    Object.entries(proof.only ?? {}).every(([name, value]) => labels[name] === value),
  );
  const within = ({ fromS, toS }: Phase) => totals(series, { fromS, toS: toS + LAG_S });
  const phase = phases.find(({ name }) => name === proof.scenario);
  const healthy = phases.find(({ name }) => name === 'healthy');
  if (!phase || !healthy) return {};
  const extreme = (values: number[]) => sign * Math.max(...values.map((value) => sign * value));
  // No lag here: what follows it is a fault, whose first seconds count most.
  const base = extreme(totals(series, healthy));
  const under = extreme(within(phase));
  const margin = Math.max(Math.abs(base) * 0.05, 1e-9);
  if (!(sign * (under - base) > margin)) {
    problems.push(
      `did not go ${proof.moves} under ${proof.scenario}: ${short(base)} → ${short(under)}`,
    );
  }
  if (!proof.returns) return { healthy: base, under };
  const later = phases.filter(({ fromS }) => fromS >= phase.toS).flatMap(within);
  // Any moment after it will do: other scenarios follow.
  const after = -sign * Math.max(...later.map((value) => -sign * value));
  if (!(sign * (under - after) > 0.5 * sign * (under - base))) {
    problems.push(`did not come back after ${proof.scenario}: ${short(under)} → ${short(after)}`);
  }
  return { healthy: base, under, after };
}

/** The sum over all curves at each moment; a moment without any is 0. */
export function totals(series: readonly Series[], { fromS, toS }: Range): number[] {
  const sums = new Map<number, number>();
  const times = series.flatMap(({ points }) => points.map(([time]) => time));
  if (times.length === 0) return [0];
  const first = Math.min(...times);
  for (let time = first; time <= toS; time += STEP_S)
    if (time >= fromS) sums.set(Math.round(time), 0);
  for (let time = first; time >= fromS; time -= STEP_S)
    if (time <= toS) sums.set(Math.round(time), 0);
  for (const { points } of series) {
    for (const [time, value] of points) {
      if (time < fromS || time > toS || !Number.isFinite(value)) continue;
      sums.set(Math.round(time), (sums.get(Math.round(time)) ?? 0) + value);
    }
  }
  return sums.size > 0 ? [...sums.values()] : [0];
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

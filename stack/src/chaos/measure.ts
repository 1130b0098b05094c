import type { Statement } from '@breakwater/console/experiments';
import { type Answer, quantile, round, type Span, successRatio, within } from './answers.ts';
import type { LoadMeasure, MetricMeasure, Probe } from './experiment.ts';
import type { Reading, Watch } from './watch.ts';

/** A baseline faster than this counts as this, in milliseconds: neighbours of the machine take as much. */
const LEAST_BASELINE_MS = 100;

/** What a run knows when a statement is judged. */
export interface Evidence {
  readonly answers: readonly Answer[];
  readonly watch: Watch;
  readonly baseline: Span;
  /** The time that the statement is about. */
  readonly span: Span;
  /** Lines that were written and are not stored; undefined where nobody has counted. */
  readonly lostLines?: number | undefined;
}

/** Judges one statement. */
export function judge(probe: Probe, during: Statement['during'], evidence: Evidence): Statement {
  const { name, tolerance, provider } = probe;
  const [low, high] = tolerance.range;
  const value = measure(probe, evidence);
  return {
    during,
    name,
    expected: `${describe(provider)} ${range(low, high)}`,
    observed: Number.isNaN(value) ? 'nothing was measured' : String(value),
    held: value >= low && value <= high,
  };
}

/** The value of a probe; NaN when there is nothing to measure. */
export function measure({ provider }: Probe, evidence: Evidence): number {
  const { answers, watch, span } = evidence;
  switch (provider.type) {
    case 'load':
      return measureLoad(provider, evidence);
    case 'breaker': {
      const breaker = `${provider.service}/${provider.breaker}`;
      // A circuit that is not there refuses nobody.
      const { [breaker]: state = 'closed' } = watch.breakers;
      if (provider.measure === 'is') return state === provider.state ? 1 : 0;
      const times = watch.transitions
        .filter((t) => t.breaker === breaker && t.state === provider.state)
        .map(({ atMs }) => atMs)
        .filter((atMs) => atMs >= span.fromMs && atMs < span.toMs);
      return times.length > 0 ? round((Math.min(...times) - span.fromMs) / 1000, 1) : Infinity;
    }
    case 'metric':
      return measureMetric(provider, watch, span);
    case 'alert':
      return watch.alerts.get(provider.alert) ?? 0;
    case 'unanswered':
      return within(answers, span).filter(({ status }) => status === 0).length;
    case 'lost_lines':
      return evidence.lostLines ?? Number.NaN;
  }
}

function measureLoad(provider: LoadMeasure, { answers, span, baseline }: Evidence): number {
  const { journey, after_s = 0, answers: wanted = [] } = provider;
  const fromMs = span.fromMs + after_s * 1000;
  const of = within(answers, { fromMs, toMs: span.toMs }, journey);
  switch (provider.measure) {
    case 'requests':
      return of.length;
    case 'success_ratio':
      return round(successRatio(of), 4);
    case 'share': {
      const some = of.filter(({ status, code }) => wanted.includes(`${status} ${code}`.trim()));
      return round(some.length / of.length, 4);
    }
    case 'p50_ratio':
    case 'p99_ratio': {
      const q = provider.measure === 'p50_ratio' ? 0.5 : 0.99;
      const before = quantile(within(answers, baseline, journey), q);
      return round(quantile(of, q) / Math.max(LEAST_BASELINE_MS, before || 0), 2);
    }
  }
}

function measureMetric(provider: MetricMeasure, watch: Watch, span: Span): number {
  const readings = inSpan(watch.readings(provider), span);
  if (readings.length === 0) return Number.NaN;
  if (provider.measure === 'max') return Math.max(...readings.map(({ value }) => value));
  const grown = increase(readings);
  if (provider.measure === 'increase' || !provider.per) return grown;
  return round(grown / increase(inSpan(watch.readings(provider.per), span)), 3);
}

/** The last reading before a span belongs to it: what has grown since is of the span. */
function inSpan(readings: readonly Reading[], { fromMs, toMs }: Span): Reading[] {
  const before = readings.findLast(({ atMs }) => atMs < fromMs);
  const inside = readings.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return before ? [before, ...inside] : inside;
}

/** Growth of a counter; after a restart of its process it grows from 0 again. */
function increase(readings: readonly Reading[]): number {
  return readings.slice(1).reduce((sum, { value }, i) => {
    const before = readings[i]?.value ?? 0;
    return sum + (value >= before ? value - before : value);
  }, 0);
}

function range(low: number, high: number): string {
  if (low === high) return `is ${low}`;
  if (high === Infinity) return `at least ${low}`;
  return low === -Infinity || low === 0 ? `at most ${high}` : `from ${low} to ${high}`;
}

function describe(provider: Probe['provider']): string {
  switch (provider.type) {
    case 'load': {
      const { journey, measure: what, after_s, answers } = provider;
      const of = answers ? ` of ${answers.join(', ')}` : '';
      return `${what}${of} of "${journey}"${after_s ? ` after ${after_s} s` : ''}`;
    }
    case 'breaker': {
      const breaker = `${provider.service}/${provider.breaker}`;
      return provider.measure === 'is'
        ? `${breaker} ${provider.state} (1 or 0)`
        : `seconds until ${breaker} is ${provider.state}`;
    }
    case 'metric': {
      const per = provider.per ? ` per ${provider.per.metric}` : '';
      return `${provider.measure} of ${provider.metric} of ${provider.service}${per}`;
    }
    case 'alert':
      return `times ${provider.alert} was seen firing`;
    case 'unanswered':
      return 'requests without any answer';
    case 'lost_lines':
      return 'log lines that were written and are not in Loki';
  }
}

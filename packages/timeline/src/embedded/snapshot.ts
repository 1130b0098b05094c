/**
 * What a page draws of a scrape: a few numbers in the place of a thousand series.
 *
 * @module
 */
import type { BreakerState, Series } from '../model.ts';
import { READ_METRICS, WORST_FIRST } from '../names.ts';

/** The state of one process at one moment; counters count from its start. */
export interface Snapshot {
  /** Unix time, in milliseconds. */
  readonly timeMs: number;
  readonly requests: number;
  readonly serverErrors: number;
  /** Requests that took at most so many seconds; the last bound is Infinity. */
  readonly buckets: ReadonlyMap<number, number>;
  readonly breakers: ReadonlyMap<string, BreakerState>;
}

const { requestDuration, breakerStatus } = READ_METRICS;

/** Reduces the series of one scrape. */
export function takeSnapshot(series: readonly Series[], timeMs: number): Snapshot {
  let [requests, serverErrors] = [0, 0];
  const buckets = new Map<number, number>();
  const states = new Map<string, Set<string>>();
  for (const { labels, value } of series) {
    const { __name__: name, le = '', breaker = '', state = '' } = labels;
    if (name === `${requestDuration}_count`) {
      requests += value;
      if (Number(labels.http_response_status_code) >= 500) serverErrors += value;
    } else if (name === `${requestDuration}_bucket`) {
      const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    } else if (name === breakerStatus) {
      const present = states.get(breaker) ?? new Set();
      states.set(breaker, value > 0 ? present.add(state) : present);
    }
  }
  const breakers = new Map([...states].map(([name, present]) => [name, worstOf(present)]));
  return { timeMs, requests, serverErrors, buckets, breakers };
}

/** The state to show of circuits in these states. */
export function worstOf(present: ReadonlySet<string>): BreakerState {
  return WORST_FIRST.find((state) => present.has(state)) ?? 'closed';
}

/** What happened between two snapshots of one process; since its start when it restarted. */
export function growth(before: Snapshot | undefined, after: Snapshot) {
  const from = before && before.requests <= after.requests ? before : undefined;
  return {
    requests: after.requests - (from?.requests ?? 0),
    serverErrors: Math.max(0, after.serverErrors - (from?.serverErrors ?? 0)),
    buckets: new Map(
      [...after.buckets].map(([bound, count]) => [bound, count - (from?.buckets.get(bound) ?? 0)]),
    ),
  };
}

/**
 * The value below which a share of the observations lie, as PromQL's `histogram_quantile` has it:
 * linear within a bucket, and the highest bound for what lies above all. Undefined without any.
 */
export function quantile(share: number, buckets: ReadonlyMap<number, number>): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = share * total;
  const index = sorted.findIndex(([, count]) => count >= rank);
  const [bound = 0, count = 0] = sorted[index] ?? [];
  const [lower, below] = sorted[index - 1] ?? [0, 0];
  if (bound === Number.POSITIVE_INFINITY) return lower;
  return lower + (bound - lower) * ((rank - below) / (count - below));
}

/**
 * Where `ramp` found that more is too much.
 *
 * @module
 */

/** One step of a ramp. */
export interface RampStep {
  /** Requests a second that were asked for. */
  readonly rate: number;
  readonly p99Ms: number;
  /** Requests that were answered. */
  readonly requests: number;
  /** Share of answers that were as the script expects. */
  readonly right: number;
  /** Requests that were left out because too many were waiting. */
  readonly leftOut: number;
  readonly held: boolean;
}

/** Outcome of a ramp. */
export interface Knee {
  /** The last rate before the first that did not hold; 0 when none held. */
  readonly rate: number;
  /** No step failed: the knee lies beyond. */
  readonly beyond: boolean;
  readonly steps: readonly RampStep[];
}

/** k6's `--summary-export`, as far as it is read here. */
interface Summary {
  readonly metrics?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a step's p99 must stay below, in milliseconds. */
export const KNEE_P99_MS = 250;

/** The knee in the summary of a script whose scenarios are named `rate_<n>`; else undefined. */
export function findKnee(summary: unknown): Knee | undefined {
  const metrics = (summary as Summary).metrics ?? {};
  const value = (metric: string, rate: number, field: string) =>
    Number(metrics[`${metric}{scenario:rate_${rate}}`]?.[field] ?? 0);
  const rates = Object.keys(metrics)
    .map((name) => /^http_reqs\{scenario:rate_(.+)\}$/.exec(name)?.[1])
    .filter((rate) => rate !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  if (rates.length === 0) return undefined;
  const steps = rates
    .map((rate) => {
      const p99Ms = value('http_req_duration', rate, 'p(99)');
      const requests = value('http_reqs', rate, 'count');
      const right = value('checks', rate, 'value');
      const leftOut = value('dropped_iterations', rate, 'count');
      const held = p99Ms < KNEE_P99_MS && right === 1 && leftOut === 0;
      return { rate, p99Ms, requests, right, leftOut, held };
    })
    .filter(({ requests, leftOut }) => requests + leftOut > 0);
  const first = steps.findIndex(({ held }) => !held);
  const last = first === -1 ? steps.at(-1) : steps[first - 1];
  return { rate: last?.rate ?? 0, beyond: first === -1, steps };
}

/** The steps as a table, and the knee. */
export function renderKnee({ rate, beyond, steps }: Knee): string {
  const rows = steps.map(({ rate, p99Ms, requests, right, leftOut, held }) =>
    [
      String(rate).padStart(8),
      p99Ms.toFixed(0).padStart(8),
      String(requests).padStart(9),
      `${(100 * right).toFixed(1)} %`.padStart(9),
      String(leftOut).padStart(9),
      held ? '  held' : '  NOT HELD',
    ].join(''),
  );
  const found = beyond
    ? `every step held: the knee lies beyond ${rate} requests a second; raise TO`
    : `the knee: ${rate} requests a second`;
  const head = ' rate/s  p99 ms  requests    right  left out';
  return [head, ...rows, rate === 0 ? 'no step held: lower FROM' : found].join('\n');
}

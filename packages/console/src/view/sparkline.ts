/**
 * Small pictures of a value over time.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Html } from './format.ts';

const WIDTH = 120;
const HEIGHT = 28;

/**
 * A line over the last minutes; a gap where there is no value.
 *
 * @param label what it shows, for those who do not see it
 */
export function sparkline(values: readonly (number | undefined)[], label: string): Html {
  const known = values.filter((value) => value !== undefined);
  const top = Math.max(...known, Number.EPSILON);
  const x = (i: number) => ((i / Math.max(1, values.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 3 - (value / top) * (HEIGHT - 6)).toFixed(1);
  let pen = 'M';
  const path = values.map((value, i) => {
    if (value === undefined) {
      pen = 'M';
      return '';
    }
    const step = `${pen}${x(i)} ${y(value)}`;
    pen = 'L';
    return step;
  });
  return html`<svg
    class="sparkline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="${label}"
    preserveAspectRatio="none"
  ><path d="${path.join('')}" /></svg>`;
}

/** A stretch of time in one state; shares of the whole, from 0 to 1. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** States over time, as a strip of colours. */
export function strip(stretches: readonly Stretch[], label: string): Html {
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  return html`<svg class="strip" width="100%" height="12" role="img" aria-label="${label}">
    ${stretches.map(
      ({ from, to, state }) =>
        html`<rect class="state-${state}" x="${percent(from)}" width="${percent(to - from)}" height="12" />`,
    )}
  </svg>`;
}

/** Neighbours of the same state put together. */
export function stretchesOf(
  points: readonly { readonly timeMs: number; readonly state: string }[],
  range: { readonly fromMs: number; readonly toMs: number },
): Stretch[] {
  // A run that was stopped as soon as it began has no length.
  const lengthMs = Math.max(1, range.toMs - range.fromMs);
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - range.fromMs) / lengthMs));
  const stretches: { from: number; to: number; state: string }[] = [];
  points.forEach(({ timeMs, state }, i) => {
    const to = share(points[i + 1]?.timeMs ?? range.toMs);
    const last = stretches.at(-1);
    if (last?.state === state) last.to = to;
    else stretches.push({ from: share(timeMs), to, state });
  });
  return stretches;
}

import type { Journal } from '@breakwater/console/experiments';
import { escapeHtml } from './escape-html.ts';

/** What every plot of a page shares: the time it spans, and the phases in it. */
interface Axis {
  readonly title: string;
  readonly seconds: number;
  readonly phases: Journal['phases'];
}

/** A value over time. */
export interface LinePlot extends Axis {
  readonly unit: string;
  /** Seconds and value. */
  readonly points: readonly (readonly [number, number])[];
  readonly baseline?: number;
}

/** States over time, a row for each thing. */
export interface BandPlot extends Axis {
  readonly rows: readonly {
    readonly name: string;
    /** Seconds and state; the state is its class as well, empty for none. */
    readonly states: readonly (readonly [number, string])[];
  }[];
}

const WIDTH = 900;
const LEFT = 150;
const HEIGHT = 120;
const TOP = 26;
const ROW = 20;

/** A line over time with the baseline beside it, as SVG. */
export function linePlot({ title, unit, points, baseline, ...axis }: LinePlot): string {
  const highest = Math.max(1, baseline ?? 0, ...points.map(([, value]) => value));
  const y = (value: number) => (TOP + (HEIGHT - TOP) * (1 - value / highest)).toFixed(1);
  const path = points.map(([t, value]) => `${x(t, axis.seconds)},${y(value)}`).join(' ');
  const base =
    baseline === undefined
      ? ''
      : `<line class="baseline" x1="${LEFT}" x2="${WIDTH}" y1="${y(baseline)}" y2="${y(baseline)}"/>`;
  return svg(
    HEIGHT + 20,
    `${title}, ${unit}`,
    `<text x="0" y="${TOP + 4}">${escapeHtml(title)}</text>
<text x="0" y="${TOP + 20}">${escapeHtml(unit)}, up to ${Math.round(highest)}</text>
<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}"/>
${phaseLines(axis, HEIGHT)}${base}
<polyline class="value" points="${path}"/>`,
  );
}

/** Coloured bands of states, as SVG; nothing without rows. */
export function bandPlot({ title, rows, ...axis }: BandPlot): string {
  if (rows.length === 0) return '';
  const height = TOP + rows.length * ROW;
  const bands = rows.flatMap(({ name, states }, row) => {
    const y = TOP + row * ROW;
    const label = `<text x="0" y="${y + 13}">${escapeHtml(shortened(name))}</text>`;
    return [
      label,
      ...states.map(([t, state], i) => {
        if (!state) return '';
        const from = x(t, axis.seconds);
        const to = x(states[i + 1]?.[0] ?? axis.seconds, axis.seconds);
        const width = Math.max(1, Number(to) - Number(from) + 0.5).toFixed(1);
        return `<rect class="${escapeHtml(state)}" x="${from}" y="${y + 3}" width="${width}" height="${ROW - 8}"><title>${escapeHtml(`${name}: ${state} at ${t} s`)}</title></rect>`;
      }),
    ];
  });
  return svg(height + 20, title, `${phaseLines(axis, height)}${bands.join('')}`);
}

function phaseLines({ phases, seconds }: Omit<Axis, 'title'>, height: number): string {
  return phases
    .filter(({ t }) => t <= seconds)
    .map(({ phase, t }) => {
      const at = x(t, seconds);
      return `<line class="phase" x1="${at}" x2="${at}" y1="12" y2="${height}"/><text x="${at}" y="10">${phase}</text>`;
    })
    .join('');
}

function svg(height: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`;
}

function x(t: number, seconds: number): string {
  return (LEFT + ((WIDTH - LEFT) * t) / Math.max(1, seconds)).toFixed(1);
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}

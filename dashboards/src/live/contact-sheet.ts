/**
 * One page that draws what every panel showed, so that a person can look without Grafana.
 *
 * @module
 */
import { COLUMNS } from '../failure-table.ts';
import { type JsonPanel, type Model, panelsOf } from '../offline/model.ts';
import type { Series } from './backends.ts';
import type { PanelResult } from './measure.ts';
import type { Phase } from './scenarios.ts';
import type { LiveReport } from './verify-live.ts';

const COLORS = [
  '#3b82c4',
  '#d1495b',
  '#2a9d62',
  '#b07d2b',
  '#7a5ea8',
  '#2c9fa3',
  '#a3527d',
  '#6b7280',
];
const STATE_COLORS = ['#2a9d62', '#e0b93a', '#d1495b', '#7a5ea8'];
const PHASE_COLORS: Readonly<Record<string, string>> = {
  'provider-503': '#fbe3e3',
  'client-errors': '#e8eef6',
  'loki-refuses': '#e5e5e5',
  'provider-slow': '#fdf3d8',
  'jaeger-down': '#ece5f3',
  'users-down': '#dff1f0',
  'delivery-hang': '#e6f2dc',
  'provider-flaky': '#fde9dc',
  'provider-hang': '#f9e3ee',
  'provider-flapping': '#f3dcdc',
};
const [WIDTH, HEIGHT, LEFT] = [560, 150, 46];
const MOST_CURVES = 40;

/** The page as HTML, whole in one file. */
export function contactSheet({ dashboards }: Model, report: LiveReport): string {
  const legend = Object.entries(PHASE_COLORS)
    .map(([name, color]) => `<span class="phase" style="background:${color}">${name}</span>`)
    .join(' ');
  const sections = dashboards.map((dashboard) => {
    const figures = panelsOf(dashboard).map((panel) => {
      const result = report.panels.find(
        ({ dashboard: uid, id }) => uid === dashboard.uid && id === panel.id,
      );
      return result ? figure(panel, result, report.phases) : '';
    });
    return `<section id="${dashboard.uid}"><h2>${escapeHtml(dashboard.title)}</h2><p>${escapeHtml(dashboard.description ?? '')}</p><main>${figures.join('')}</main></section>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Breakwater dashboards, proven</title>
<style>body{font:14px/1.4 system-ui,sans-serif;margin:24px;color:#222}main{display:grid;grid-template-columns:repeat(auto-fill,minmax(${WIDTH}px,1fr));gap:14px}figure{margin:0;border:1px solid #ddd;border-radius:6px;padding:10px;overflow:hidden}figure.bad{border:2px solid #d1495b}figcaption b{display:block}small{color:#666}table{border-collapse:collapse;font-size:11px;width:100%}td,th{border-bottom:1px solid #eee;text-align:left;padding:2px 4px;max-width:240px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.phase{padding:2px 8px;border-radius:3px}.bad small{color:#d1495b}.key{font-size:11px;color:#444}</style>
<h1>Breakwater dashboards: what every panel showed</h1>
<p>Drawn from the answers of Prometheus, Loki and Jaeger to the panels' own queries. Shaded: ${legend}</p>
${sections.join('\n')}</html>\n`;
}

function figure(panel: JsonPanel, result: PanelResult, phases: readonly Phase[]): string {
  const { problems, unprovoked, scenario, moves, slowestMs } = result;
  const verdict =
    problems.length > 0
      ? problems.join('; ')
      : (unprovoked ?? `${scenario}${moves ? `: moves ${moves}` : ''}`);
  return `<figure class="${problems.length > 0 ? 'bad' : 'good'}"><figcaption><b>${escapeHtml(panel.title)}</b><small>${escapeHtml(verdict)} · ${slowestMs} ms</small></figcaption>${body(panel, result, phases)}</figure>`;
}

function body(panel: JsonPanel, result: PanelResult, phases: readonly Phase[]): string {
  if (result.kind === 'trace' || result.kind === 'graph') return `<p>${result.spans} spans</p>`;
  if (result.lines.length > 0) return rows(result);
  if (result.series.length === 0) return '<p>no series</p>';
  if (result.kind === 'states') return states(panel, result.series, phases);
  return chart(panel, result.series, phases);
}

function rows({ lines }: PanelResult): string {
  const columns = COLUMNS.filter((name) => name !== 'Time');
  const cells = lines.map(
    ({ timeMs, labels, text }) =>
      `<tr><td>${new Date(timeMs).toISOString().slice(11, 19)}</td>${columns
        .map(
          (name) =>
            `<td>${escapeHtml(labels[name] ?? (name === 'message' ? text.slice(0, 120) : ''))}</td>`,
        )
        .join('')}</tr>`,
  );
  return `<table><tr><th>time</th>${columns.map((name) => `<th>${name}</th>`).join('')}</tr>${cells.join('')}</table>`;
}

function bounds(phases: readonly Phase[]): [number, number] {
  return [phases[0]?.fromS ?? 0, phases.at(-1)?.toS ?? 1];
}

function bands(phases: readonly Phase[], x: (time: number) => number): string {
  return phases
    .filter(({ name }) => PHASE_COLORS[name])
    .map(
      ({ name, fromS, toS }) =>
        `<rect x="${x(fromS).toFixed(1)}" y="0" width="${(x(toS) - x(fromS)).toFixed(1)}" height="${HEIGHT}" fill="${PHASE_COLORS[name]}"/>`,
    )
    .join('');
}

function scaleOf(phases: readonly Phase[]): (time: number) => number {
  const [from, to] = bounds(phases);
  return (time) => LEFT + ((time - from) / (to - from)) * (WIDTH - LEFT);
}

function chart(panel: JsonPanel, series: readonly Series[], phases: readonly Phase[]): string {
  const x = scaleOf(phases);
  const shown = series.slice(0, MOST_CURVES);
  const values = shown
    .flatMap(({ points }) => points.map(([, value]) => value))
    .filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const y = (value: number) => HEIGHT - 6 - ((value - low) / (high - low || 1)) * (HEIGHT - 16);
  const curves = shown.map(({ points }, i) => {
    const path = points
      .filter(([, value]) => Number.isFinite(value))
      .map(
        ([time, value], at) =>
          `${at === 0 ? 'M' : 'L'}${x(time).toFixed(1)},${y(value).toFixed(1)}`,
      )
      .join('');
    return `<path d="${path}" fill="none" stroke="${COLORS[i % COLORS.length]}" stroke-width="1.4"/>`;
  });
  const steps = (panel.fieldConfig?.defaults.thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value !== null && value <= high && value >= low
      ? `<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" stroke="${color}" stroke-dasharray="3 3"/>`
      : [],
  );
  const axis = [low, high]
    .map(
      (value) =>
        `<text x="${LEFT - 4}" y="${y(value) + 4}" font-size="10" text-anchor="end">${label(value)}</text>`,
    )
    .join('');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%">${bands(phases, x)}${steps.join('')}${axis}${curves.join('')}</svg>${key(panel, shown)}`;
}

function states(panel: JsonPanel, series: readonly Series[], phases: readonly Phase[]): string {
  const x = scaleOf(phases);
  const height = Math.min(24, HEIGHT / series.length);
  const cells = series.map(({ points }, row) =>
    points
      .map(
        ([time, value]) =>
          `<rect x="${x(time).toFixed(1)}" y="${row * height}" width="${(x(time + 5) - x(time) + 0.3).toFixed(1)}" height="${height - 2}" fill="${STATE_COLORS[value] ?? '#999'}"/>`,
      )
      .join(''),
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%">${cells.join('')}</svg>${key(panel, series, false)}`;
}

function key(panel: JsonPanel, series: readonly Series[], colored = true): string {
  const format = panel.targets?.[0]?.legendFormat ?? '';
  const names = series.slice(0, 12).map(({ labels }, i) => {
    const values = Object.entries(labels).filter(([name]) => name !== '__name__');
    const fitting =
      /\{\{/.test(format) &&
      !/\{\{(\w+)\}\}/g
        .exec(format)
        ?.slice(1)
        .some((name) => !labels[name]);
    const text = fitting
      ? format.replace(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? '')
      : values.map(([, value]) => value).join(' ') || panel.title;
    return `<span style="color:${colored ? COLORS[i % COLORS.length] : '#444'}">▬ ${escapeHtml(text)}</span>`;
  });
  const more = series.length > 12 ? ` and ${series.length - 12} more` : '';
  return `<div class="key">${names.join(' ')}${more}</div>`;
}

function label(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  return Number(value.toPrecision(3)).toString();
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

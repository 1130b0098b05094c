import type { Figures, Journal, TimelineSample } from '@breakwater/console/experiments';
import { escapeHtml } from './escape-html.ts';
import { bandPlot, linePlot } from './plot.ts';

/** The page of a run: it needs nothing beside itself. */
export function reportPage(journal: Journal): string {
  const { testid, title, description, verdict, reason, timeline, phases } = journal;
  const span = { phases, seconds: timeline.at(-1)?.t ?? 1 };
  const line = (name: string, unit: string, value: (s: TimelineSample) => number, base?: number) =>
    linePlot({
      title: name,
      unit,
      points: timeline.map((sample) => [sample.t, value(sample)] as const),
      ...(base === undefined ? {} : { baseline: base }),
      ...span,
    });
  const before = Object.values(journal.figures.baseline);
  const sum = (value: (figures: Figures) => number) => before.reduce((s, f) => s + value(f), 0);
  const worst = Math.max(0, ...before.map(({ p99_ms }) => p99_ms));
  const breakers = [...new Set(timeline.flatMap(({ breakers: all }) => Object.keys(all)))];
  const plots = [
    line(
      'Requests',
      'a second',
      ({ rate }) => rate,
      sum(({ per_second }) => per_second),
    ),
    line('Failed', '%', ({ error_rate }) => error_rate * 100, 0),
    line('p99', 'ms', ({ p99_ms }) => p99_ms, worst),
    bandPlot({
      title: 'Circuits',
      rows: breakers.map((name) => ({
        name,
        states: timeline.map(({ t, breakers: all }) => [t, all[name] ?? 'unknown'] as const),
      })),
      ...span,
    }),
    bandPlot({
      title: 'Faults',
      rows: [...new Set(timeline.flatMap(({ faults }) => faults))].map((name) => ({
        name,
        states: timeline.map(
          ({ t, faults }) => [t, faults.includes(name) ? 'active' : ''] as const,
        ),
      })),
      ...span,
    }),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${journal.experiment}: ${verdict}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(description)}</p>
<p class="verdict ${verdict}"><strong>${verdict}</strong> ${escapeHtml(reason)}</p>
<p>${journal.undo_verified ? 'Every fault is undone, and was seen to be.' : '<strong>The undo is not verified: npm run chaos -- undo</strong>'}
${journal.recovered_s === null ? '' : `The steady state was back ${journal.recovered_s} s after the undo.`}
<code>${escapeHtml(testid)}</code>, ${escapeHtml(journal.started_at)}, ${journal.duration_s} s.</p>
${plots.join('\n')}
<p class="legend">The dashed line is the baseline of this run; upright lines begin a phase.</p>
<h2>Statements</h2>
${table(
  ['', 'when', 'statement', 'expected', 'observed'],
  journal.statements.map((s) => [s.held ? '✓' : '✗', s.during, s.name, s.expected, s.observed]),
)}
<h2>Faults</h2>
${table(
  ['landed', 'name', 'from', 'to', 'proof'],
  journal.injections.map((i) => [
    i.landed ? '✓' : '✗',
    i.name,
    i.injected_at ?? '',
    i.undone_at ?? '',
    i.proof,
  ]),
)}
<h2>Figures</h2>
${table(
  ['when', 'journey', 'requests', 'a second', 'answered as it should be', 'p50 ms', 'p99 ms'],
  Object.entries(journal.figures).flatMap(([when, of]) =>
    Object.entries(of).map(([journey, f]) => [
      when,
      journey,
      String(f.requests),
      String(f.per_second),
      `${(f.success_ratio * 100).toFixed(1)} %`,
      String(f.p50_ms),
      String(f.p99_ms),
    ]),
  ),
)}
${joinSection(journal)}
</body>
</html>
`;
}

function joinSection({ join }: Journal): string {
  if (!join) return '<h2>Join</h2><p>No backends were there to join with.</p>';
  const gaps = Object.entries(join.gaps).map(([id, missing]) => [id, missing.join('; ')]);
  return `<h2>Join</h2>
<p>${(join.join_rate * 100).toFixed(2)} % of ${join.failing} failing responses lead to their trace and
log lines; everything was found ${join.settled_s} s after the last answer.</p>
${table(
  ['error code', 'client', 'Loki', 'Prometheus'],
  join.codes.map((c) => [c.code, String(c.responses), String(c.log_lines), String(c.counted)]),
)}
${gaps.length > 0 ? table(['trace', 'missing'], gaps) : ''}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<div class="table"><table><thead><tr>${cells(head, 'th')}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #2563eb; --soft: #8884; --bad: #dc2626; --good: #16a34a; --odd: #d97706; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.verdict { padding: .6rem .8rem; border-left: .35rem solid var(--odd); background: var(--soft); }
.verdict.passed { border-color: var(--good); } .verdict.failed { border-color: var(--bad); }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9em; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--soft); vertical-align: top; }
svg { width: 100%; height: auto; display: block; margin: 1rem 0; }
svg text { fill: currentColor; font: 11px system-ui, sans-serif; }
svg .phase { stroke: currentColor; opacity: .25; } svg .axis { stroke: var(--soft); }
svg .baseline { stroke: currentColor; stroke-dasharray: 4 4; opacity: .6; }
svg .value { fill: none; stroke: var(--line); stroke-width: 1.5; }
svg .closed { fill: var(--good); } svg .open, svg .active, svg .isolated { fill: var(--bad); }
svg .half_open { fill: var(--odd); } svg .unknown { fill: var(--soft); }
.legend { opacity: .75; font-size: .9em; }
`;

/**
 * `npm run dashboards:verify`: proves the dashboards, first without and then with live backends.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './generated.ts';
import { addresses, Backends } from './live/backends.ts';
import { contactSheet } from './live/contact-sheet.ts';
import { driveScenarios } from './live/scenarios.ts';
import { type LiveReport, liveProblems, verifyLive } from './live/verify-live.ts';
import { readModel } from './offline/model.ts';
import { verifyOffline } from './offline/verify-offline.ts';

const USAGE = `Usage: npm run dashboards:verify -- [--offline] [--json] [--no-load] [--until SCENARIO]
       [--file COMPOSE_FILE] [--report HTML_FILE]

Proves every panel, link and alert. Without --offline it needs a running stack (npm start), makes the
faults that the panels declare and takes about five minutes. The ports are those of the stack:
GATEWAY_PORT, UNSTABLE_PORT, PROMETHEUS_PORT, LOKI_PORT, JAEGER_PORT.`;

function options() {
  try {
    return parseArgs({
      options: {
        offline: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'no-load': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        until: { type: 'string' },
        file: { type: 'string', default: join(ROOT, 'docker-compose.yml') },
        report: { type: 'string', default: join(ROOT, 'dashboards/report.html') },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const given = options();
if (given.help) {
  console.log(USAGE);
  process.exit(0);
}

const model = await readModel();
const offline = verifyOffline(model);
const problems = offline.map(({ check, where, what }) => `${check}: ${where}: ${what}`);
console.error(`offline: ${model.dashboards.length} dashboards, ${problems.length} problems`);
let live: LiveReport | undefined;
if (!given.offline) {
  try {
    live = await runLive();
    problems.push(...liveProblems(live));
  } catch (error) {
    problems.push(
      `the stack could not be asked: ${(error as Error).message}; is it up (npm start)? --offline needs none`,
    );
  }
}
if (given.json)
  console.log(
    JSON.stringify({ passed: problems.length === 0, problems, live: summary(live) }, null, 2),
  );
else {
  if (live) for (const line of table(live)) console.log(line);
  console.log(problems.length === 0 ? 'Everything holds.' : `\n${problems.length} problems:`);
  for (const problem of problems) console.log(`  ${problem}`);
}
process.exitCode = problems.length === 0 ? 0 : 1;

async function runLive(): Promise<LiveReport> {
  const at = addresses();
  const phases = await driveScenarios({
    at,
    controlToken: process.env.CONTROL_TOKEN ?? 'breakwater-dev',
    file: given.file,
    load: !given['no-load'],
    until: given.until,
    report: (sentence) => console.error(sentence),
  });
  const report = await verifyLive(model, phases, new Backends(at));
  writeFileSync(given.report, contactSheet(model, report));
  writeFileSync(
    given.report.replace(/\.html$/, '.json'),
    `${JSON.stringify({ problems: [...problems, ...liveProblems(report)], ...summary(report) }, null, 2)}\n`,
  );
  console.error(`contact sheet: ${given.report}`);
  return report;
}

/** The report without the samples. */
function summary(report: LiveReport | undefined) {
  if (!report) return undefined;
  return {
    ...report,
    slowestMs: Math.max(...report.panels.map(({ slowestMs }) => slowestMs)),
    panels: report.panels.map(({ series, lines, ...rest }) => ({
      ...rest,
      series: series.length,
      lines: lines.length,
    })),
  };
}

function table({ panels, links, alerts }: LiveReport): string[] {
  const short = (value: number | undefined) =>
    value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toPrecision(3);
  return [
    ...panels.map(({ dashboard, title, scenario, values, slowestMs, problems, unprovoked }) =>
      [
        problems.length > 0 ? 'FAIL' : unprovoked ? 'runs' : 'ok',
        dashboard.replace('breakwater-', '').padEnd(9),
        title.slice(0, 52).padEnd(52),
        scenario.padEnd(13),
        [values.healthy, values.under, values.after].map(short).join(' → ').padEnd(28),
        `${slowestMs} ms`,
      ].join('  '),
    ),
    ...alerts.map(({ alert, proven, problems }) =>
      [problems.length > 0 ? 'FAIL' : 'ok', 'alert    ', alert.padEnd(52), proven].join('  '),
    ),
    `links: ${links.exemplarsFollowed} exemplars, ${links.linesFollowed} from lines, ${links.panelLinksFollowed} of panels followed`,
  ];
}

/**
 * `npm run dashboards:verify`: proves the dashboards, first without and then with live backends.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import {
  findChromium,
  NO_CHROMIUM,
  pictureSections,
  takeScreenshots,
  withBrowser,
} from './chromium.ts';
import { ROOT } from './generated.ts';
import { Grafana } from './grafana/client.ts';
import { type GrafanaReport, verifyGrafana } from './grafana/verify-grafana.ts';
import { addresses, Backends } from './live/backends.ts';
import { contactSheet } from './live/contact-sheet.ts';
import { driveScenarios } from './live/scenarios.ts';
import { stepsOf } from './live/steps.ts';
import { type LiveReport, liveProblems, verifyLive } from './live/verify-live.ts';
import { readModel } from './offline/model.ts';
import { verifyOffline } from './offline/verify-offline.ts';
import { SCENARIOS, type Scenario } from './proof.ts';

const USAGE = `Usage: npm run dashboards:verify -- [--offline] [--json] [--no-load] [--only SCENARIO,…]
       [--file COMPOSE_FILE] [--report HTML_FILE] [--grafana URL] [--screenshots FOLDER]

Proves every panel, link and alert. Without --offline it needs a running stack (npm start), makes the
faults that the panels declare and takes some thirteen minutes. The ports are those of the stack:
GATEWAY_PORT, UNSTABLE_OPERATIONS_PORT, PROMETHEUS_PORT, LOKI_PORT, JAEGER_PORT.

With --grafana a running Grafana is asked instead: whether everything was provisioned, every query of
every panel over the last hour, and its data sources. Its password is GRAFANA_PASSWORD.

--screenshots has a Chromium on PATH take pictures: of the contact sheet, or of Grafana's pages.

SCENARIO is one of ${SCENARIOS.join(', ')}.`;

function options() {
  try {
    return parseArgs({
      options: {
        offline: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'no-load': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        only: { type: 'string' },
        grafana: { type: 'string' },
        screenshots: { type: 'string' },
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

const only = chosen(given.only);
const model = await readModel();
const offline = verifyOffline(model);
const problems = offline.map(({ check, where, what }) => `${check}: ${where}: ${what}`);
console.error(`offline: ${model.dashboards.length} dashboards, ${problems.length} problems`);
let live: LiveReport | undefined;
let grafana: GrafanaReport | undefined;
try {
  if (given.grafana) {
    grafana = await runGrafana(given.grafana);
    problems.push(...grafana.problems);
  } else if (!given.offline) {
    live = await runLive();
    problems.push(...liveProblems(live));
  }
} catch (error) {
  const what = given.grafana ? 'Grafana could not be asked' : 'the stack could not be verified';
  problems.push(
    `${what}: ${(error as Error).message}; is it up (npm start)? --offline needs nothing that runs`,
  );
}
if (given.json)
  console.log(
    JSON.stringify(
      { passed: problems.length === 0, problems, live: summary(live), grafana },
      null,
      2,
    ),
  );
else {
  if (grafana) {
    const { version, dashboards, queries, withData } = grafana;
    console.log(
      `Grafana ${version}: ${dashboards} dashboards, ${queries} queries, ${withData} with data`,
    );
  }
  if (live) for (const line of table(live)) console.log(line);
  console.log(problems.length === 0 ? 'Everything holds.' : `\n${problems.length} problems:`);
  for (const problem of problems) console.log(`  ${problem}`);
}
process.exitCode = problems.length === 0 ? 0 : 1;

async function runLive(): Promise<LiveReport> {
  const at = addresses();
  const phases = await driveScenarios({
    at,
    controlToken: process.env.CONTROL_TOKEN || 'breakwater-dev',
    file: given.file,
    load: !given['no-load'],
    steps: stepsOf(only),
    report: (sentence) => console.error(sentence),
  });
  const report = await verifyLive(model, phases, new Backends(at));
  writeFileSync(given.report, contactSheet(model, report));
  writeFileSync(
    given.report.replace(/\.html$/, '.json'),
    `${JSON.stringify({ problems: [...problems, ...liveProblems(report)], ...summary(report) }, null, 2)}\n`,
  );
  console.error(`contact sheet: ${given.report}`);
  await pictures((browser, uids, folder) =>
    pictureSections(browser, resolve(given.report), uids, folder),
  );
  return report;
}

async function runGrafana(url: string): Promise<GrafanaReport> {
  const password = process.env.GRAFANA_PASSWORD || 'breakwater';
  const report = await verifyGrafana(model, new Grafana(url, password), Date.now());
  const shown = await pictures((browser, uids, folder) =>
    takeScreenshots(browser, url, uids, folder),
  );
  return { ...report, problems: [...report.problems, ...(shown ?? [])] };
}

/** Takes pictures where they are wanted; `take` is given a browser, what to show, and a folder. */
async function pictures<T>(
  take: (browser: Browser, uids: string[], folder: string) => Promise<T>,
): Promise<T | undefined> {
  const { screenshots } = given;
  if (!screenshots) return undefined;
  const program = findChromium();
  if (!program) throw new Error(NO_CHROMIUM);
  const uids = model.dashboards.map(({ uid }) => uid);
  return withBrowser(program, (browser) => take(browser, uids, screenshots));
}

/** The scenarios of `--only`. */
function chosen(only: string | undefined): Scenario[] | undefined {
  if (only === undefined) return undefined;
  const names = only.split(',');
  const unknown = names.filter((name) => !SCENARIOS.includes(name as Scenario));
  if (unknown.length > 0) {
    console.error(`There is no scenario ${unknown.join(', ')}.\n\n${USAGE}`);
    process.exit(2);
  }
  return names as Scenario[];
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
    ...alerts.map(({ alert, live, fires, resolves, problems }) =>
      [
        problems.length > 0 ? 'FAIL' : live ? 'ok' : 'unit',
        'alert    ',
        alert.padEnd(22),
        live ? `fires under ${fires}; resolves: ${resolves}` : `unit tests alone: ${fires}`,
      ].join('  '),
    ),
    `alerts: ${alerts.filter(({ live }) => live).length} of ${alerts.length} seen to fire`,
    `links: ${links.exemplarsFollowed} exemplars, ${links.linesFollowed} from lines, ${links.panelLinksFollowed} of panels followed`,
  ];
}

/**
 * `breakwater verify`: whether every failure of one's own service leads to its telemetry.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArguments, readUrl, readWait } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { renderReport } from '../verify/report.ts';
import { readRequestsFile } from '../verify/requests-file.ts';
import { verify } from '../verify/verify.ts';
import { CONSOLE_URL, openSources, SOURCE_OPTIONS } from './explain.ts';

export const help = `Usage: breakwater verify FILE --url URL [--console URL | --jaeger URL --loki URL --prometheus URL]

Sends the requests of a file to a service, and checks that every failed response leads to its SERVER span,
a log line and, where it has an error code, the metric that counts it. FILE is a list in JSON:

  [
    { "path": "/todos/7", "expect": 404 },
    { "method": "POST", "path": "/todos", "headers": {}, "body": { "title": "" }, "expect": 422 }
  ]

  --url URL          the service
  --console URL      read a console's own store. Default: ${CONSOLE_URL}
  --jaeger URL, --loki URL, --prometheus URL, --namespace NAME
                     read these instead, as explain does
  --settle SECONDS   how long telemetry may take after the last response, 0 to 600. Default: 15
  --json             the report as JSON on standard output

Examples:
  breakwater verify requests.json --url http://127.0.0.1:3000
  breakwater verify requests.json --url http://127.0.0.1:3000 --console http://127.0.0.1:9000 --json

Exit codes: 0 everything that failed is joined and every status is as expected; 1 something is not, or
nothing failed, or the service does not respond; 2 used wrongly.`;

/** @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      url: { type: 'string' },
      settle: { type: 'string', default: '15' },
      json: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError('verify needs one FILE');
  if (values.url === undefined) throw new UsageError('which service? --url URL');
  const settleMs = readWait('settle', values.settle);
  const url = readUrl('url', values.url);
  const { sources, next } = openSources(values);
  const requests = readRequestsFile(file);
  process.stderr.write(`breakwater: sending ${requests.length} requests to ${url}\n`);
  const report = await verify({
    ...{ url, requests, sources, settleMs, now: Date.now, sleep },
  });
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`);
  if (report.unread.length > 0) process.stderr.write(`breakwater: ${next}\n`);
  return report.passed ? 0 : 1;
}

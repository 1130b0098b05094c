import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StackError } from '../errors.ts';
import { type FailedResponse, readFailure, readMessage } from './failures.ts';

/** The outcome of one k6 run. */
export interface LoadResult {
  readonly testId: string;
  /** Whether every threshold held. */
  readonly passed: boolean;
  readonly failures: readonly FailedResponse[];
  /** k6's own end-of-test summary. */
  readonly summary: unknown;
  /** k6's HTML report; it makes none of a run of a few seconds. */
  readonly reportFile?: string;
}

export interface K6Options {
  readonly binary: string;
  readonly script: string;
  readonly name: string;
  readonly testId: string;
  readonly reports: string;
  readonly prometheusUrl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (sentence: string) => void;
}

/** k6 exits with this when it ran to the end and a threshold did not hold. */
const THRESHOLDS_FAILED = 99;

/**
 * Runs a script with its results written to Prometheus, and collects the failed responses.
 *
 * @throws {StackError} when k6 could not run the script; with the last of what it said.
 */
export async function runK6(options: K6Options): Promise<LoadResult> {
  mkdirSync(options.reports, { recursive: true });
  const summaryFile = join(options.reports, `${options.testId}.json`);
  const reportFile = join(options.reports, `${options.testId}.html`);
  const k6 = spawn(
    options.binary,
    [
      'run',
      options.script,
      ...['--tag', `testid=${options.testId}`, '--out', 'experimental-prometheus-rw'],
      ...[
        '--summary-export',
        summaryFile,
        '--log-format',
        'json',
        '--no-usage-report',
        '--no-color',
      ],
    ],
    {
      env: {
        ...options.env,
        TESTID: options.testId,
        K6_PROMETHEUS_RW_SERVER_URL: `${options.prometheusUrl}/api/v1/write`,
        K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM: 'true',
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_PORT: '-1',
        K6_WEB_DASHBOARD_EXPORT: reportFile,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const failures: FailedResponse[] = [];
  const said: string[] = [];
  createInterface({ input: k6.stdout }).on('line', (line) => options.report(line));
  const log = createInterface({ input: k6.stderr });
  log.on('line', (line) => {
    const failure = readFailure(line);
    if (failure) failures.push(failure);
    else said.push(readMessage(line) ?? line);
  });
  const stop = () => k6.kill('SIGINT');
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    k6.once('error', reject).once('close', resolve);
  });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  for (const line of said) options.report(line);
  if (code !== 0 && code !== THRESHOLDS_FAILED) {
    throw new StackError(
      `k6 ended with ${code ?? 'a signal'}: ${said.at(-1) ?? 'it said nothing'}`,
    );
  }
  const summary: unknown = JSON.parse(readFileSync(summaryFile, 'utf8'));
  return {
    testId: options.testId,
    passed: code === 0,
    failures,
    summary,
    ...(existsSync(reportFile) ? { reportFile } : {}),
  };
}

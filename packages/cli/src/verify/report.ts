/**
 * What a verification has found.
 *
 * @module
 */
import type { SentRequest } from './send-requests.ts';

/** One request, and what is missing of its telemetry where it failed. */
export interface VerifiedRequest extends SentRequest {
  readonly gaps: readonly string[];
}

/** The outcome of `breakwater verify`. */
export interface VerifyReport {
  readonly passed: boolean;
  readonly requests: number;
  /** Responses with a status of 400 and above. */
  readonly failing: number;
  /** Share of those that lead to their span, line and metric; 0 to 1. */
  readonly joinRate: number;
  readonly results: readonly VerifiedRequest[];
  /** Why not all could be read, as sentences: what is missing then may be there all the same. */
  readonly unread: readonly string[];
  /** Seconds from the last response until everything was found, or the wait was over. */
  readonly settledS: number;
}

/** Passed: something failed, all that failed is joined, and every status is as expected. */
export function makeReport(
  results: readonly VerifiedRequest[],
  unread: readonly string[],
  settledS: number,
): VerifyReport {
  const failing = results.filter(({ status }) => status >= 400);
  const joined = failing.filter(({ gaps }) => gaps.length === 0);
  return {
    passed: failing.length > 0 && joined.length === failing.length && results.every(isExpected),
    requests: results.length,
    failing: failing.length,
    joinRate: failing.length === 0 ? 0 : joined.length / failing.length,
    results,
    unread,
    settledS,
  };
}

function isExpected({ status, expect }: SentRequest): boolean {
  return expect === undefined || status === expect;
}

/** The report for people. */
export function renderReport(report: VerifyReport): string {
  const { results, failing, requests, unread } = report;
  const width = Math.max(...results.map(({ method, path }) => `${method} ${path}`.length));
  return [
    ...results.flatMap((result) => {
      const { method, path, status, traceId, expect, gaps } = result;
      const complaints = [...(isExpected(result) ? [] : [`expected ${expect}`]), ...gaps];
      const mark = complaints.length > 0 ? '✗' : '✓';
      return [
        `${mark} ${`${method} ${path}`.padEnd(width)}  ${status}  ${status >= 400 ? traceId : ''}`.trimEnd(),
        ...complaints.map((each) => `    ${each}`),
      ];
    }),
    '',
    failing === 0
      ? `Of ${requests} responses none failed: add a request that does.`
      : `join rate: ${(report.joinRate * 100).toFixed(2)} % of ${failing} failing responses of ${requests}; ` +
        `${report.settledS.toFixed(1)} s after the last response`,
    ...unread.map((why) => `not all could be read: ${why}`),
    report.passed ? 'passed' : 'FAILED',
  ].join('\n');
}

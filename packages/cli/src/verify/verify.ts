/**
 * Whether every failed response of a service leads to its trace, its line and its metric.
 *
 * @module
 */
import { readTimeline, type Sources } from '@breakwater/timeline';
import { findGaps, findUnread } from './find-gaps.ts';
import { makeReport, type VerifiedRequest, type VerifyReport } from './report.ts';
import type { PlannedRequest } from './requests-file.ts';
import { type SentRequest, sendRequests } from './send-requests.ts';

export interface VerifyOptions {
  /** Of the service, without a slash at the end. */
  readonly url: string;
  readonly requests: readonly PlannedRequest[];
  readonly sources: Sources;
  /** How long telemetry may take after the last response, in milliseconds. */
  readonly settleMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const POLL_MS = 500;

/**
 * Sends the requests, then reads what each failure leads to until nothing is missing or the time is
 * over.
 *
 * @throws {CommandError} when the service does not respond
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { sources, settleMs, now, sleep } = options;
  const sent = await sendRequests(options.url, options.requests);
  const lastMs = now();
  let results: VerifiedRequest[] = [];
  for (;;) {
    const unread = new Set<string>();
    const before = results;
    results = [];
    for (const [i, request] of sent.entries()) {
      // What was found whole stays so.
      const whole = before[i]?.gaps.length === 0;
      const gaps = whole ? [] : await gapsOf(request, sources, unread, now());
      results.push({ ...request, gaps });
    }
    const settledMs = now() - lastMs;
    if (results.every(({ gaps }) => gaps.length === 0) || settledMs >= settleMs) {
      return makeReport(results, [...unread], settledMs / 1_000);
    }
    await sleep(POLL_MS);
  }
}

async function gapsOf(
  request: SentRequest,
  sources: Sources,
  unread: Set<string>,
  nowMs: number,
): Promise<string[]> {
  if (request.status < 400) return [];
  const timeline = await readTimeline(sources, request.traceId, { nowMs });
  const gaps = findGaps(request, timeline);
  if (gaps.length > 0) for (const why of findUnread(timeline)) unread.add(why);
  return gaps;
}

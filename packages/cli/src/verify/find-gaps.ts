/**
 * What is missing between a failed response and its telemetry.
 *
 * @module
 */
import { isComplete, type Timeline, timelineLines } from '@breakwater/timeline';
import type { SentRequest } from './send-requests.ts';

/** As sentences' ends; empty when the response leads to its span, a line and, with a code, its metric. */
export function findGaps({ status, errorCode }: SentRequest, timeline: Timeline): string[] {
  const gaps: string[] = [];
  const spans = timeline.requests.filter(({ saidBy }) => saidBy.includes('span'));
  const failed = spans.filter(({ outcome }) => outcome === 'failed');
  if (spans.length === 0) gaps.push('no SERVER span');
  else if (!failed.some((request) => request.status === status)) {
    gaps.push(`no SERVER span with a status of ${status}`);
  }
  if (timelineLines(timeline).length === 0) gaps.push('no log line');
  const codes = new Set(timeline.requests.flatMap((request) => request.errorCode ?? []));
  if (errorCode !== undefined && !codes.has(errorCode)) {
    gaps.push(`no line and no span with the code ${errorCode}`);
  }
  if (codes.size > 0 && timeline.series.length === 0) gaps.push('no metric that counts it');
  return gaps;
}

/** Why not all could be read: what is missing may be there. */
export function findUnread({ evidence }: Timeline): string[] {
  return Object.values(evidence).flatMap((each) => (isComplete(each) ? [] : (each.why ?? [])));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Join, Statement } from '@breakwater/console/experiments';
import { parseLogLine, type Sources, type TimeRange } from '@breakwater/timeline';
import type { Driven } from '../verify/drive.ts';
import { EvidenceReader, isComplete } from '../verify/evidence.ts';
import { agrees } from '../verify/join.ts';
import type { RequestKind } from '../verify/kinds.ts';
import { sleep } from '../verify/sleep.ts';
import { type Answer, round } from './answers.ts';
import type { Extension } from './experiment.ts';
import { samplesOf } from './exposition.ts';

/** Longest wait for telemetry that is on its way, in milliseconds. */
const SETTLE_MS = 60_000;
const POLL_MS = 2_000;
const SHOWN_GAPS = 20;

/** Counts of the edge's failed responses by error code, at this moment and from itself. */
export async function edgeCounts(operationsUrl: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${operationsUrl}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const { labels, value } of samplesOf(text, 'service_errors_total')) {
    const code = labels.error_code ?? '';
    counts.set(code, (counts.get(code) ?? 0) + value);
  }
  return counts;
}

/** Follows every failing response to its trace, its lines and its count, as `verify` does. */
export async function joinAnswers(
  sources: Sources,
  answers: readonly Answer[],
  range: TimeRange,
  before: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<Join> {
  const answered = answers.filter(({ status }) => status > 0);
  const driven = answered.map(asDriven);
  const failing = driven.filter(({ status }) => status >= 400).length;
  const reader = new EvidenceReader(sources, driven, range, before);
  const begun = Date.now();
  for (;;) {
    const evidence = await patiently(() => reader.read(), begun);
    const settledMs = Date.now() - begun;
    if (!evidence) continue;
    if (isComplete(evidence) || settledMs > SETTLE_MS || signal.aborted) {
      return {
        failing,
        join_rate: failing === 0 ? 1 : round((failing - evidence.gaps.size) / failing, 4),
        codes: evidence.codes.map(({ code, responses, logLines, counted }) => ({
          code,
          responses,
          log_lines: logLines,
          counted,
        })),
        gaps: Object.fromEntries([...evidence.gaps].slice(0, SHOWN_GAPS)),
        unanswered: answers.length - answered.length,
        dangling_exemplars: evidence.danglingExemplars.length,
        settled_s: round(settledMs / 1000, 1),
      };
    }
    await sleep(POLL_MS);
  }
}

/**
 * What a join must be: complete, and counted alike everywhere.
 *
 * @param scale of the load; with less of it fewer responses fail
 */
export function joinStatements(
  joined: Join,
  { at_least = 0, lost_traces = 0 }: NonNullable<Extension['join']> = {},
  scale = 1,
): Statement[] {
  const { failing, join_rate, codes } = joined;
  const unjoined = Math.round((1 - join_rate) * failing);
  const least = Math.round(at_least * Math.min(1, scale));
  const equal = codes.every(({ responses, log_lines, counted, code }) =>
    agrees({ code, responses, logLines: log_lines, counted }),
  );
  const counts = codes.map((c) => `${c.code} ${c.responses}/${c.log_lines}/${c.counted}`);
  return [
    {
      during: 'after',
      name: 'every failing response leads to its trace and its log lines',
      expected: `${lost_traces === 0 ? 'all' : `all but ${lost_traces}`}${least > 0 ? `, of ${least} at least` : ''}`,
      observed: `${failing - unjoined} of ${failing}`,
      held: unjoined <= lost_traces && failing >= least,
    },
    {
      during: 'after',
      name: 'each error code counts the same at the client, in Loki and in Prometheus',
      expected: 'equal',
      observed: counts.join(', ') || 'no failing response',
      held: equal,
    },
  ];
}

/**
 * Lines that services wrote within a range and Loki does not have; waits for those on their way.
 *
 * @param folder where the services write their files
 */
export async function lostLines(
  sources: Sources,
  folder: string,
  range: TimeRange,
  signal: AbortSignal,
): Promise<number> {
  const begun = Date.now();
  for (;;) {
    const written = writtenLines(folder, range);
    const stored = await patiently(() => sources.logs.within(range), begun);
    if (!stored) continue;
    const lost = written - stored.found.length;
    if (lost <= 0 || Date.now() - begun > SETTLE_MS || signal.aborted) return Math.max(0, lost);
    await sleep(POLL_MS);
  }
}

/**
 * A backend that has just come back may not answer at once.
 *
 * @returns undefined, after a pause, when it is to be asked again
 */
async function patiently<T>(read: () => Promise<T>, begun: number): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (Date.now() - begun > SETTLE_MS) throw error;
    await sleep(POLL_MS);
    return undefined;
  }
}

function writtenLines(folder: string, { fromMs, toMs }: TimeRange): number {
  let count = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.log'))) {
    for (const text of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const time = text && parseLogLine(text)?.timeMs;
      if (time && time >= fromMs && time <= toMs) count++;
    }
  }
  return count;
}

/** What must be true of any failing response: the gateway answered it. */
function asDriven({ journey, traceId, status, code }: Answer): Driven {
  const kind: RequestKind = {
    name: journey,
    share: 0,
    method: 'GET',
    path: '',
    status,
    services: ['gateway'],
  };
  return { kind, traceId, status, errorCode: code || undefined };
}

import type { Driven } from './drive.ts';
import type { Evidence } from './evidence.ts';
import { agrees } from './join.ts';

/** The outcome of a run of `verify`. */
export interface VerifyReport {
  readonly passed: boolean;
  readonly requests: number;
  readonly failing: number;
  /** Share of failing responses that lead to their trace, lines and metric; 0 to 1. */
  readonly joinRate: number;
  readonly kinds: readonly KindReport[];
  readonly codes: Evidence['codes'];
  readonly exemplars: number;
  readonly danglingExemplars: readonly string[];
  /** What is missing, by trace id. */
  readonly gaps: Readonly<Record<string, readonly string[]>>;
  /** Why not all could be read, as sentences: what is missing then may be there all the same. */
  readonly unread: readonly string[];
  /** Seconds from the last answer until everything was found. */
  readonly settledS: number;
}

export interface KindReport {
  readonly name: string;
  readonly requests: number;
  readonly expected: string;
  /** Answers that were not as expected, with how often each was seen. */
  readonly unexpected: Readonly<Record<string, number>>;
  readonly joined: number;
}

/** Puts the answers and the evidence into figures. */
export function makeReport(
  driven: readonly Driven[],
  evidence: Evidence,
  settledS: number,
): VerifyReport {
  const kinds = [...Map.groupBy(driven, ({ kind }) => kind)].map(([kind, answers]) => {
    const expected = describe(kind.status, kind.errorCode);
    const seen = answers.map(({ status, errorCode }) => describe(status, errorCode));
    return {
      name: kind.name,
      requests: answers.length,
      expected,
      unexpected: tally(seen.filter((answer) => answer !== expected)),
      joined: answers.filter(({ traceId }) => !evidence.gaps.has(traceId)).length,
    };
  });
  const failing = driven.filter(({ status }) => status >= 400).length;
  const asExpected = kinds.every(({ unexpected }) => Object.keys(unexpected).length === 0);
  const counted = evidence.codes.every(agrees);
  const resolved = evidence.danglingExemplars.length === 0;
  return {
    passed: asExpected && counted && resolved && failing > 0 && evidence.gaps.size === 0,
    requests: driven.length,
    failing,
    joinRate: failing === 0 ? 0 : (failing - evidence.gaps.size) / failing,
    kinds,
    codes: evidence.codes,
    exemplars: evidence.exemplars,
    danglingExemplars: evidence.danglingExemplars,
    gaps: Object.fromEntries(evidence.gaps),
    unread: evidence.unread,
    settledS,
  };
}

/** The report as a table for people. */
export function renderReport(report: VerifyReport): string {
  const lines = [
    'kind                     requests  joined  expected',
    ...report.kinds.flatMap(({ name, requests, joined, expected, unexpected }) => [
      `${name.padEnd(24)} ${String(requests).padStart(8)} ${String(joined).padStart(7)}  ${expected}`,
      ...Object.entries(unexpected).map(([answer, count]) => `  ✗ ${count} × ${answer} instead`),
    ]),
    '',
    'error code               responses  log lines  counted',
    ...report.codes.map((count) => {
      const { code, responses, logLines, counted } = count;
      const figures = [responses, logLines, counted].map((n) => String(n).padStart(9)).join('  ');
      return `${code.padEnd(24)} ${figures}${agrees(count) ? '' : '  ✗'}`;
    }),
    '',
    `exemplars: ${report.exemplars} traces named, ${report.danglingExemplars.length} not found`,
    ...report.danglingExemplars.map((id) => `  ✗ ${id}`),
    ...Object.entries(report.gaps).map(([id, gaps]) => `  ✗ ${id}: ${gaps.join('; ')}`),
    `join rate: ${(report.joinRate * 100).toFixed(2)} % of ${report.failing} failing responses ` +
      `of ${report.requests}; everything found ${report.settledS.toFixed(1)} s after the last answer`,
    ...report.unread.map((why) => `not all could be read: ${why}`),
    report.passed ? 'passed' : 'FAILED',
  ];
  return lines.join('\n');
}

function describe(status: number, errorCode: string | undefined): string {
  return errorCode === undefined ? String(status) : `${status} ${errorCode}`;
}

function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

/**
 * Fuzzes the public listener of a service with bytes, from a seed.
 *
 * @module
 */
import { seededRandom } from '@breakwater/service';
import { eventually, type LogLine } from '@breakwater/testing';
import { compareWithCounts, compareWithLines, faultsOf, inFlight, STATUS } from './account.ts';
import type { Case, Operation } from './case.ts';
import { converse, type RawResponse } from './connection.ts';
import { makeCase } from './generate.ts';

/** The service that is fuzzed. Nobody else asks it meanwhile. */
export interface FuzzTarget {
  readonly port: number;
  /** What it can be asked, and how it answers. */
  readonly operations: readonly Operation[];
  /** Everything it has logged so far. */
  readonly lines: () => readonly LogLine[];
  /** Its metrics as of now. */
  readonly metrics: () => Promise<string>;
  /** Statuses from 500 that it may answer with, since what it depends on is away. Default: none. */
  readonly mayFail?: (status: number) => boolean;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Connections that are opened; each carries two or three requests on average. */
  readonly connections: number;
  /** Connections at once. */
  readonly width?: number;
}

/** What was sent and what was found. */
export interface FuzzReport {
  readonly requests: number;
  readonly connections: number;
  /** Empty when all is well. */
  readonly findings: readonly string[];
}

/** Opens the connections and compares what came of them with the log and the metrics. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, connections } = options;
  const random = seededRandom(seed);
  let ids = 0;
  const cases = Array.from({ length: connections }, () =>
    makeCase(random, () => `fuzz-${seed}-${++ids}`, target.operations),
  );
  const { true: leaving = [], false: staying = [] } = Object.groupBy(cases, ({ leaves }) =>
    leaves ? 'true' : 'false',
  );
  const stayed = await converseAll(target, options, staying);
  const left = await converseAll(target, options, leaving);
  return {
    connections,
    requests: stayed.requests + left.requests,
    findings: [...stayed.findings, ...left.findings],
  };
}

async function converseAll(
  { port, lines: allLines, metrics, mayFail = () => false }: FuzzTarget,
  { seed, width = 40 }: FuzzOptions,
  cases: readonly Case[],
): Promise<Omit<FuzzReport, 'connections'>> {
  const firstLine = allLines().length;
  const before = await metrics();
  const findings: string[] = [];
  const responses: RawResponse[] = [];
  const queue = cases.values();
  const work = async () => {
    for (const each of queue) {
      const outcome = await converse(each, port);
      responses.push(...outcome.responses);
      const faults = faultsOf(each, outcome, mayFail);
      findings.push(...faults.map((fault) => tell(seed, each, fault)));
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  const left = cases.some(({ leaves }) => leaves);
  const wrong = await settled(async () => {
    const lines = allLines()
      .slice(firstLine)
      .filter((line) => STATUS in line);
    const now = await metrics();
    return [
      ...inFlight(now),
      ...compareWithLines(responses, lines, left),
      ...compareWithCounts(lines, before, now),
    ];
  });
  return { requests: responses.length, findings: [...findings, ...wrong] };
}

/** A fault of a connection, and how to see it again. */
function tell(seed: number, { what, pieces }: Case, fault: string): string {
  const bytes = Buffer.concat(pieces).toString('latin1').slice(0, 400);
  return `seed ${seed}, ${what}: ${fault}\n  ${JSON.stringify(bytes)}`;
}

/** The last lines may still be on their way from another process. */
async function settled(check: () => Promise<string[]>): Promise<string[]> {
  let wrong: string[] = [];
  const nothingIsWrong = async () => {
    wrong = await check();
    if (wrong.length > 0) throw new Error(wrong[0]);
  };
  await eventually(nothingIsWrong).catch(() => {});
  return wrong;
}

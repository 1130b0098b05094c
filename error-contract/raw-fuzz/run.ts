/**
 * Fuzzes the public listener of a service with bytes, from a seed.
 *
 * @module
 */
import { eventually, type LogLine } from '@breakwater/testing';
import { compareWithCounts, compareWithLines, faultsOf, inFlight, STATUS } from './account.ts';
import type { Case, Operation } from './case.ts';
import { converse, type RawResponse } from './connection.ts';
import { makeCases } from './generate.ts';

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
  readonly seeds: readonly number[];
  /** Connections for each seed; a connection carries two or three requests on average. */
  readonly connections: number;
}

/** What was sent and what was found. */
export interface FuzzReport {
  readonly responses: number;
  /** Empty when all is well. */
  readonly findings: readonly string[];
}

/** Connections at once; a service refuses requests when there are too many. */
const WIDTH = 40;

/**
 * Opens the connections and compares what came of them with the log and the metrics. Clients that
 * leave come last: nothing tells when the service has noticed all that they sent.
 */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  const cases = options.seeds.flatMap((seed) =>
    makeCases(seed, options.connections, target.operations),
  );
  const stayed = await converseAll(
    target,
    cases.filter(({ leaves }) => !leaves),
  );
  const left = await converseAll(
    target,
    cases.filter(({ leaves }) => leaves),
  );
  return {
    responses: stayed.responses + left.responses,
    findings: [...stayed.findings, ...left.findings],
  };
}

async function converseAll(
  { port, lines: allLines, metrics, mayFail = () => false }: FuzzTarget,
  cases: readonly Case[],
): Promise<FuzzReport> {
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
      findings.push(...faults.map((fault) => tell(each, fault)));
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  const left = cases.some(({ leaves }) => leaves);
  const wrong = await settled(async () => {
    const now = await metrics();
    const lines = allLines()
      .slice(firstLine)
      .filter((line) => STATUS in line);
    return [
      ...inFlight(now),
      ...compareWithLines(responses, lines, left),
      ...compareWithCounts(lines, before, now),
    ];
  });
  return { responses: responses.length, findings: [...findings, ...wrong] };
}

/** A fault of a connection, and how to see it again. */
function tell({ seed, what, pieces }: Case, fault: string): string {
  const bytes = Buffer.concat(pieces).toString('latin1').slice(0, 400);
  return `seed ${seed}, ${what}: ${fault}\n  ${JSON.stringify(bytes)}`;
}

/** The last lines may still be on their way from another process. */
async function settled(check: () => Promise<string[]>): Promise<string[]> {
  let wrong: string[] = [];
  await eventually(async () => {
    wrong = [];
    wrong = await check();
    if (wrong.length > 0) throw new Error(wrong[0]);
  }).catch((error) => {
    if (wrong.length === 0) throw error;
  });
  return wrong;
}

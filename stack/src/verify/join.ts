import { ATTRIBUTES, EVENTS } from '@breakwater/resilience';
import { answerFields, type LogLine, type Span } from '@breakwater/timeline';
import type { Driven } from './drive.ts';

/** The service whose answer the client saw. */
const EDGE = 'gateway';

/** What is missing or wrong between a failing response and its trace and lines; empty when joined. */
export function findGaps(
  { kind, errorCode }: Driven,
  trace: readonly Span[] | undefined,
  lines: readonly LogLine[],
): string[] {
  const spans = trace ?? [];
  const gaps = trace ? [] : ['no trace'];
  if (trace && kind.errorSpan && !spans.some((span) => isErrorSpan(span, kind.errorSpan))) {
    gaps.push(`no failed ${kind.errorSpan.kind} span of ${kind.errorSpan.service}`);
  }
  for (const service of kind.services) {
    if (trace && !spans.some((span) => span.service === service && span.kind === 'server')) {
      gaps.push(`no server span of ${service}`);
    }
    if (!lines.some((line) => line.service === service)) gaps.push(`no log line of ${service}`);
  }
  if (trace && kind.refused && !spans.some(isRefusal) && !spans.some(isProviderSpan)) {
    gaps.push('no circuit refused it, and the provider was not asked either');
  }
  const errorLines = lines.filter((line) => line.errorCode !== undefined);
  const atEdge = errorLines.filter(({ service }) => service === EDGE);
  if (atEdge.length !== 1) gaps.push(`${atEdge.length} error lines of ${EDGE}, expected 1`);
  for (const line of atEdge) {
    if (line.errorCode !== errorCode) {
      gaps.push(`the error line says ${line.errorCode}, the response ${errorCode}`);
    }
  }
  for (const [service, written] of Map.groupBy(errorLines, (line) => line.service)) {
    const answered = spans.filter((span) => span.service === service && span.kind === 'server');
    if (trace && written.length > answered.length) {
      gaps.push(`${written.length} error lines of ${service} for ${answered.length} answers`);
    }
  }
  return gaps;
}

/** A policy's refusal stands as an event on the span that wanted to call. */
function isRefusal(span: Span): boolean {
  return span.events.some(
    ({ name, attributes }) =>
      name === EVENTS.rejection && String(attributes[ATTRIBUTES.reason]).startsWith('circuit_'),
  );
}

function isProviderSpan(span: Span): boolean {
  return span.service === 'unstable';
}

/** 4xx leaves the status of a SERVER span unset, so its status code says that it failed. */
function isErrorSpan(span: Span, wanted: Driven['kind']['errorSpan']): boolean {
  if (span.service !== wanted?.service || span.kind !== wanted.kind) return false;
  return span.failed || (answerFields(span.attributes).status ?? 0) >= 400;
}

/** How often each error code was answered, logged and counted at the edge. */
export interface CodeCount {
  readonly code: string;
  readonly responses: number;
  readonly logLines: number;
  readonly counted: number;
}

/** Compares the three counts per error code; raw counter values, never a rate. */
export function countCodes(
  driven: readonly Driven[],
  lines: readonly LogLine[],
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): CodeCount[] {
  const responses = tally(driven.map(({ errorCode }) => errorCode));
  const logged = tally(
    lines.filter(({ service }) => service === EDGE).map(({ errorCode }) => errorCode),
  );
  const grown = new Map(
    [...after].map(([code, value]) => [code, value - (before.get(code) ?? 0)] as const),
  );
  const codes = new Set([...responses.keys(), ...logged.keys(), ...grown.keys()]);
  return [...codes]
    .sort()
    .map((code) => ({
      code,
      responses: responses.get(code) ?? 0,
      logLines: logged.get(code) ?? 0,
      counted: grown.get(code) ?? 0,
    }))
    .filter(({ responses: r, logLines, counted }) => r + logLines + counted > 0);
}

/** Whether a code was answered, logged and counted equally often. */
export function agrees({ responses, logLines, counted }: CodeCount): boolean {
  return responses === logLines && responses === counted;
}

function tally(codes: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const code of codes) {
    if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

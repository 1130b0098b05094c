/**
 * Reads another process's sources over HTTP: the command line those of the console.
 *
 * @module
 */
import { ask } from './backend-error.ts';
import type { Exemplar, LogLine, Series, Span, TimeRange } from './model.ts';
import type { Findings, LogSource, Sources } from './sources.ts';

/** What can be asked over HTTP, about a trace, a selector, or nothing but a range. */
const QUESTIONS = {
  trace: (sources: Sources, traceId: string) => sources.traces.get(traceId),
  lines: (sources: Sources, traceId: string, range: TimeRange) =>
    sources.logs.ofTrace(traceId, range),
  'lines-within': (sources: Sources, _: string, range: TimeRange) => sources.logs.within(range),
  series: (sources: Sources, selector: string) => sources.metrics.query(selector),
  exemplars: (sources: Sources, selector: string, range: TimeRange) =>
    sources.metrics.exemplars(selector, range),
} as const;
type Question = keyof typeof QUESTIONS;

/** The questions there are. */
export const SOURCE_QUESTIONS = Object.keys(QUESTIONS) as readonly Question[];
/** Questions about a trace. */
const OF_TRACE: readonly string[] = ['trace', 'lines'];

/** Longest selector that is taken, in characters. */
const MAX_SELECTOR = 1_000;

/**
 * Answers `GET …/:question?about=…&from=…&to=…` from sources.
 *
 * @throws {TypeError} when the question is unknown or malformed
 * @throws {BackendError} when a backend does not answer
 */
export async function answerQuestion(
  sources: Sources,
  question: string,
  parameters: URLSearchParams,
): Promise<Findings<unknown>> {
  const about = parameters.get('about') ?? '';
  const range = { fromMs: Number(parameters.get('from')), toMs: Number(parameters.get('to')) };
  const malformed =
    !Object.hasOwn(QUESTIONS, question) ||
    (OF_TRACE.includes(question) && !/^[0-9a-f]{32}$/.test(about)) ||
    about.length > MAX_SELECTOR ||
    Number.isNaN(range.fromMs + range.toMs);
  if (malformed) throw new TypeError(`${question} is no question, or ${about} not what it takes`);
  return QUESTIONS[question as Question](sources, about, range);
}

/**
 * Sources that another process has.
 *
 * @param url where {@link answerQuestion} is mounted, such as `http://127.0.0.1:8090/api/sources`
 * @param own lines that are read here instead, as from files that are there without that process
 */
export function remoteSources(url: string, links: Sources['links'], own?: LogSource): Sources {
  const askFor = async <T>(
    question: Question,
    about: string,
    range?: TimeRange,
  ): Promise<Findings<T>> => {
    const parameters = new URLSearchParams({
      about,
      ...(range ? { from: String(range.fromMs), to: String(range.toMs) } : {}),
    });
    const findings = await ask({
      backend: 'The console',
      url: `${url}/${question}?${parameters}`,
      read: (json) => readFindings<T>(json),
    });
    return findings ?? { found: [] };
  };
  return {
    traces: { get: (traceId) => askFor<Span>('trace', traceId) },
    logs: own ?? {
      ofTrace: (traceId, range) => askFor<LogLine>('lines', traceId, range),
      within: (range) => askFor<LogLine>('lines-within', '', range),
    },
    metrics: {
      query: (selector) => askFor<Series>('series', selector),
      exemplars: (selector, range) => askFor<Exemplar>('exemplars', selector, range),
    },
    links,
  };
}

/** @throws {TypeError} for anything but a list of objects */
function readFindings<T>(json: unknown): Findings<T> {
  const { found, incomplete } = json as Findings<T>;
  const readable = found.every((each) => typeof each === 'object' && each !== null);
  if (!readable) throw new TypeError('no findings');
  return incomplete === undefined ? { found } : { found, incomplete: String(incomplete) };
}

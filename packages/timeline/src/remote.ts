/**
 * Reads another process's sources over HTTP: the command line those of the console.
 *
 * @module
 */
import { ask } from './backend-error.ts';
import type { Exemplar, Series, Span, TimeRange } from './model.ts';
import type { Findings, LogSource, Sources } from './sources.ts';

/** What can be asked over HTTP; lines are read from their files. */
const QUESTIONS = {
  trace: (sources: Sources, traceId: string) => sources.traces.get(traceId),
  series: (sources: Sources, selector: string) => sources.metrics.query(selector),
  exemplars: (sources: Sources, selector: string, range: TimeRange) =>
    sources.metrics.exemplars(selector, range),
} as const;
type Question = keyof typeof QUESTIONS;

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
    (question === 'trace' && !/^[0-9a-f]{32}$/.test(about)) ||
    about.length > MAX_SELECTOR ||
    Number.isNaN(range.fromMs + range.toMs);
  if (malformed) throw new TypeError(`${question} is no question, or ${about} not what it takes`);
  return QUESTIONS[question as Question](sources, about, range);
}

/**
 * Sources whose traces and metrics another process has.
 *
 * @param url where {@link answerQuestion} is mounted, such as `http://127.0.0.1:8090/api/sources`
 */
export function remoteSources(url: string, logs: LogSource, links: Sources['links']): Sources {
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
    logs,
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

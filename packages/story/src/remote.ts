/**
 * Reads another process's sources over HTTP: the command line those of the console.
 *
 * @module
 */
import type { Exemplar, Series, TimeRange, Trace } from './model.ts';
import { fetchJson, type LogSource, type Sources } from './sources.ts';

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
 * Answers `GET …/:question?about=…&from=…&to=…` from sources; undefined when there is nothing.
 *
 * @throws {TypeError} when the question is unknown or malformed
 * @throws {BackendError} when a backend does not answer
 */
export async function answerQuestion(
  sources: Sources,
  question: string,
  parameters: URLSearchParams,
): Promise<unknown> {
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
  const ask = (question: Question, about: string, range?: TimeRange) => {
    const parameters = new URLSearchParams({
      about,
      ...(range ? { from: String(range.fromMs), to: String(range.toMs) } : {}),
    });
    return fetchJson('The console', `${url}/${question}?${parameters}`);
  };
  return {
    traces: { get: async (traceId) => (await ask('trace', traceId)) as Trace | undefined },
    logs,
    metrics: {
      query: async (selector) => (await ask('series', selector)) as Series[],
      exemplars: async (selector, range) => (await ask('exemplars', selector, range)) as Exemplar[],
    },
    links,
  };
}

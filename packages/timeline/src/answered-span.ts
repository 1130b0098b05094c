/**
 * How a request was answered, told by its SERVER span: all there is where a service writes no line
 * for it.
 *
 * @module
 */
import { STATUS_CODES } from 'node:http';
import { ATTRIBUTES, FIELDS } from '@breakwater/telemetry/core';
import { answerFields } from './answer-fields.ts';
import type { AnsweredRequest, Span } from './model.ts';

/** The answer a span is about; undefined for what is no SERVER span or says nothing of an answer. */
export function answeredSpan(traceId: string, span: Span): AnsweredRequest | undefined {
  if (span.kind !== 'server') return undefined;
  const { attributes, startMs, durationMs, spanId, service, failed } = span;
  const code = attributes[ATTRIBUTES.errorCode];
  const told = answerFields(attributes);
  const number = Number(told.status ?? attributes['http.status_code']);
  const status = Number.isInteger(number) ? number : undefined;
  if (status === undefined && !failed) return undefined;
  const first = (...keys: string[]) => keys.map((key) => attributes[key]).find(Boolean);
  return {
    timeMs: Math.floor(startMs + durationMs),
    traceId,
    spanId,
    requestId: '',
    service,
    method: told.method ?? String(first('http.method') ?? ''),
    route: told.route ?? String(first('url.path', 'http.target') ?? span.name),
    status,
    durationMs,
    errorCode: typeof code === 'string' ? code : undefined,
    message: spanMessage(span) ?? STATUS_CODES[status ?? 0] ?? span.name,
    saidBy: 'span',
  };
}

/** What an exception of the span says, or its status; undefined where neither says a thing. */
export function spanMessage({ events, statusMessage }: Span): string | undefined {
  const exception = events.findLast(({ name }) => name === 'exception')?.attributes;
  const said = exception?.[FIELDS.exceptionMessage] ?? exception?.[FIELDS.exceptionType];
  return said === undefined ? statusMessage : String(said);
}

/**
 * Whether responses, lines and counts say the same.
 *
 * @module
 */
import { decodeErrorBody } from '@breakwater/errors';
import type { LogLine } from '@breakwater/testing';
import { INTERNALS } from '../internals.ts';
import type { Case } from './case.ts';
import type { Outcome, RawResponse } from './connection.ts';

/** What one connection did that it must not, in sentences. */
export function faultsOf(
  { statuses, leaves }: Case,
  { responses, rest, ended, trouble }: Outcome,
  mayFail: (status: number) => boolean,
): string[] {
  if (leaves) return responses.flatMap((response) => responseFaults(response, mayFail));
  const answered = responses.map(({ status }) => status);
  const expected = statuses && statuses.join() !== answered.join();
  return [
    ...(ended ? [] : ['the connection was left open']),
    ...(rest === '' ? [] : [`after the responses came ${JSON.stringify(rest.slice(0, 80))}`]),
    ...(responses.length === 0 ? [`no response (${trouble ?? 'the connection ended well'})`] : []),
    ...(expected ? [`answered ${answered}, expected ${statuses}`] : []),
    ...responses.flatMap((response) => responseFaults(response, mayFail)),
  ];
}

function responseFaults(
  { status, headers, body }: RawResponse,
  mayFail: (status: number) => boolean,
): string[] {
  const traceId = headers.get('x-trace-id') ?? '';
  const faults: string[] = [];
  if (!/^[0-9a-f]{32}$/.test(traceId)) faults.push(`${status} has no trace id`);
  if (!headers.get('x-request-id')) faults.push(`${status} has no request id`);
  if (status === 499) faults.push('a client that waits was answered 499');
  if (status >= 500 && !mayFail(status)) faults.push(`answered ${status}: ${body}`);
  if (status < 400 || body === '') return faults;
  if (INTERNALS.test(body)) faults.push(`internals in ${body}`);
  const error = decodeErrorBody(status, headers, body);
  if (!error) faults.push(`${status} off the contract: ${body.slice(0, 200)}`);
  return faults;
}

/** The field that only the line of a request has. */
export const STATUS = 'http.response.status_code';

/** One line a response: ids and status of both, each as often here as there. */
export function compareWithLines(
  responses: readonly RawResponse[],
  lines: readonly LogLine[],
  left: boolean,
): string[] {
  const answered = tally(
    responses.map(({ status, headers }) =>
      [headers.get('x-request-id'), headers.get('x-trace-id'), status].join(' '),
    ),
  );
  const logged = tally(
    lines.map((line) => [line.request_id, line.trace_id, line[STATUS]].join(' ')),
  );
  const more = [...answered].filter(([key, count]) => count > (logged.get(key) ?? 0));
  const missing = [...logged].filter(([key, count]) => count > (answered.get(key) ?? 0));
  return [
    ...more.map(([key]) => `a response without a line of its own: ${key}`),
    // What a client that left would have been answered is in the log only.
    ...(left ? [] : missing.map(([key]) => `a line without a response of its own: ${key}`)),
  ];
}

/** Nothing of what was sent is still at work, so that no line of it is to come. */
export function inFlight(metrics: string): string[] {
  const [, active] = /^http_server_active_requests(?:\{.*\})? (\d+)$/m.exec(metrics) ?? [];
  return active === '0' ? [] : [`${active} requests are still in flight`];
}

/** One count a line, by status and by error code. */
export function compareWithCounts(
  lines: readonly LogLine[],
  before: string,
  after: string,
): string[] {
  const statuses = tally(lines.map((line) => String(line[STATUS])));
  const codes = tally(lines.flatMap((line) => (line.error_code ? [String(line.error_code)] : [])));
  return [
    ...differences('requests with status', statuses, counts(before, after, DURATION)),
    ...differences('errors', codes, counts(before, after, ERRORS)),
  ];
}

const DURATION =
  /^http_server_request_duration_seconds_count\{.*?http_response_status_code="(\d+)".*?\} (\d+)/gm;
const ERRORS = /^service_errors_total\{.*?error_code="(\w+)".*?\} (\d+)/gm;

function counts(before: string, after: string, series: RegExp): Map<string, number> {
  const grown = new Map<string, number>();
  for (const [text, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    for (const [, key = '', count] of text.matchAll(series)) {
      grown.set(key, (grown.get(key) ?? 0) + sign * Number(count));
    }
  }
  return grown;
}

function differences(
  what: string,
  logged: ReadonlyMap<string, number>,
  counted: ReadonlyMap<string, number>,
): string[] {
  return [...new Set([...logged.keys(), ...counted.keys()])].flatMap((key) => {
    const [lines, count] = [logged.get(key) ?? 0, counted.get(key) ?? 0];
    return lines === count ? [] : [`${what} ${key}: ${lines} lines, ${count} counted`];
  });
}

function tally(keys: readonly string[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const key of keys) counted.set(key, (counted.get(key) ?? 0) + 1);
  return counted;
}

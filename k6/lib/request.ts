/**
 * Requests to the gateway: traced, with bounded tags, and noted when they fail.
 *
 * @module
 */
import { check } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { newTraceparent } from './traceparent.ts';

const BASE_URL = __ENV.GATEWAY_URL || `http://127.0.0.1:${__ENV.GATEWAY_PORT || '8080'}`;

/** One request of a script. */
export interface Request {
  /** Stands in the `name` tag: a fixed word, never a URL, or series grow without bound. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** Statuses that are right; anything else counts as failed. */
  readonly expected: readonly number[];
}

/** Sends a request; a response of 400 or more is printed for the runner to collect. */
export function send(request: Request): RefinedResponse<'text'> {
  const response = http.request(
    request.method,
    `${BASE_URL}${request.path}`,
    request.body ? JSON.stringify(request.body) : null,
    {
      headers: {
        traceparent: newTraceparent(),
        ...(request.body ? { 'content-type': 'application/json' } : {}),
        ...request.headers,
      },
      tags: { name: request.name },
      responseCallback: http.expectedStatuses(...request.expected),
      responseType: 'text',
    },
  );
  const ok = check(response, {
    [`${request.name} answers as expected`]: ({ status }) => request.expected.includes(status),
    'has a trace id': ({ headers }) => /^[0-9a-f]{32}$/.test(headers['X-Trace-Id'] ?? ''),
  });
  if (response.status >= 400 || !ok) noteFailure(request, response);
  return response as RefinedResponse<'text'>;
}

/** One line that `npm run load` reads from k6's log: its end-of-test summary cannot carry ids. */
function noteFailure({ name, expected }: Request, response: RefinedResponse<'text'>): void {
  const { status, headers } = response;
  let code = '';
  try {
    code = String(response.json('error_code') ?? '');
  } catch {
    // The answer was no JSON; its status says enough.
  }
  const failure = {
    name,
    status,
    error_code: code,
    trace_id: headers['X-Trace-Id'] ?? '',
    expected: expected.includes(status),
  };
  console.info(`failed-response ${JSON.stringify(failure)}`);
}

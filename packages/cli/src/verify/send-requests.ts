/**
 * Sends the requests of a file and keeps what leads from each response to its telemetry.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { CommandError } from '../errors.ts';
import type { PlannedRequest } from './requests-file.ts';

/** A request and its response as the client saw it. */
export interface SentRequest extends PlannedRequest {
  readonly status: number;
  readonly traceId: string;
  /** `error_code` of the body, where it has one. */
  readonly errorCode: string | undefined;
}

/** Longest wait for a response, in milliseconds. */
const TIMEOUT_MS = 30_000;

/**
 * One after the other. Each brings a `traceparent` of its own, so that the trace of a service that
 * tells no id is known as well; where one is told (`X-Trace-ID`), that counts.
 *
 * @throws {CommandError} when the service does not respond
 */
export async function sendRequests(
  url: string,
  planned: readonly PlannedRequest[],
): Promise<SentRequest[]> {
  const sent: SentRequest[] = [];
  for (const request of planned) sent.push(await send(url, request));
  return sent;
}

async function send(url: string, request: PlannedRequest): Promise<SentRequest> {
  const { method, path, body } = request;
  const own = randomBytes(16).toString('hex');
  const headers = new Headers(request.headers);
  if (!headers.has('traceparent')) {
    headers.set('traceparent', `00-${own}-${randomBytes(8).toString('hex')}-01`);
  }
  const isJson = body !== undefined && typeof body !== 'string';
  if (isJson && !headers.has('content-type')) headers.set('content-type', 'application/json');
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string) }),
  }).catch((cause: Error) => {
    const { code } = (cause.cause ?? {}) as { code?: string };
    throw new CommandError(
      `${method} ${url}${path} has no response (${code ?? cause.message}): start the service, or name it by --url`,
      { cause },
    );
  });
  const text = await response.text();
  const given = /^00-([0-9a-f]{32})-/.exec(headers.get('traceparent') ?? '')?.[1] ?? own;
  return {
    ...request,
    status: response.status,
    traceId: response.headers.get('x-trace-id') ?? given,
    errorCode: codeIn(text),
  };
}

function codeIn(text: string): string | undefined {
  try {
    const { error_code } = JSON.parse(text) as { error_code?: unknown };
    return typeof error_code === 'string' ? error_code : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Answers what never becomes a request of the app: by the contract, with one line and one count.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import {
  type AppError,
  MethodNotAllowedError,
  negotiateFormat,
  renderError,
} from '@breakwater/errors';
import {
  ATTRIBUTES,
  currentSpanContext,
  saneRequestId,
  toTraceparent,
} from '@breakwater/telemetry';
import { context, SpanKind, trace } from '@opentelemetry/api';
import type { Breakwater, Served } from './breakwater.ts';
import { HEADERS, ROUTE_UNMATCHED } from './names.ts';
import { logFailure } from './request-log.ts';

/** A request that was given up on has no method that could be trusted. */
const METHOD = '_OTHER';

/** A response that is ready to be written, and the last of its connection. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Counts and logs a refusal in a span, so that its trace id leads somewhere.
 *
 * @param request its head, where one could be read
 */
export function refuse(
  service: Breakwater<Served>,
  error: AppError,
  request?: IncomingMessage,
): Refusal {
  if (trace.getActiveSpan()) return record(service, error, request);
  const span = trace.getTracer('@breakwater/hono').startSpan('HTTP', { kind: SpanKind.SERVER });
  const parent = context.active();
  // Without an SDK the span has no ids of its own to offer.
  const scope = span.isRecording() ? trace.setSpan(parent, span) : parent;
  try {
    return context.with(scope, () => record(service, error, request));
  } finally {
    span.end();
  }
}

function record(
  { name, format, metrics, logger }: Breakwater<Served>,
  error: AppError,
  request: IncomingMessage | undefined,
): Refusal {
  const spanContext = currentSpanContext();
  const { traceId } = spanContext;
  const requestId = saneRequestId(request?.headers[HEADERS.requestId]) ?? randomUUID();
  const { status, headers, body } = renderError(negotiateFormat(request?.headers.accept, format), {
    error,
    traceId,
    requestId,
    serviceName: name,
    path: '/',
  });
  const entry = { method: METHOD, route: ROUTE_UNMATCHED, requestId, traceId };
  metrics.record({ ...entry, status, durationMs: 0, error });
  logFailure(logger, { ...entry, status, durationMs: 0, error });
  trace.getActiveSpan()?.setAttributes({
    'http.request.method': METHOD,
    'http.response.status_code': status,
    [ATTRIBUTES.errorCode]: error.code,
  });
  return {
    status,
    body,
    headers: {
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
      ...(error instanceof MethodNotAllowedError ? { allow: '' } : {}),
      [HEADERS.traceId]: traceId,
      [HEADERS.requestId]: requestId,
      [HEADERS.serverTiming]: `traceparent;desc="${toTraceparent(spanContext)}"`,
    },
  };
}

/** The bytes of a refusal, where Node has no response object for it. */
export function toBytes({ status, headers, body }: Refusal): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

/**
 * The HTTP server under a service: what never becomes a request is answered by the contract too.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type AppError,
  HeadersTooLargeError,
  MalformedRequestError,
  RequestTimeoutError,
  renderError,
  toAppError,
} from '@breakwater/errors';
import { ATTRIBUTES, currentSpanContext, toTraceparent } from '@breakwater/otel';
import { getRequestListener } from '@hono/node-server';
import { context, SpanKind, trace } from '@opentelemetry/api';
import type { Service } from './create-service.ts';
import { IdentifiedResponse } from './identified-response.ts';
import { HEADERS, ROUTE_UNMATCHED } from './names.ts';
import { logRequest } from './request-log.ts';

/** A request that Node's parser or the adapter gave up on has no method that could be trusted. */
const METHOD = '_OTHER';

/**
 * How long a client may take to send its headers, and all of its request, in milliseconds; one that
 * takes longer holds a place for nothing.
 */
const PATIENCE = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};

/** Makes the server; it does not listen yet. */
export function createHttpServer(service: Service): Server {
  const listener = getRequestListener(service.app.fetch, {
    errorHandler: (thrown) => refuse(service, fromAdapter(thrown)),
  });
  // Node would answer a request without a host itself; the adapter refuses it as well.
  const server = createServer(
    { ...PATIENCE, requireHostHeader: false, ServerResponse: IdentifiedResponse },
    listener,
  ) as Server;
  // What a client expects beyond 100-continue may be ignored (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (cause: NodeJS.ErrnoException, socket) => {
    if (GONE.has(cause.code ?? '') || !socket.writable || isAnswering(socket)) socket.destroy();
    else answerSocket(socket, refuse(service, fromParser(cause)));
  });
  return server;
}

/** The client went away, in mid-request perhaps: nobody reads an answer. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

/** A request whose body breaks off is being handled already, and is answered and logged there. */
function isAnswering(socket: Duplex): boolean {
  // Node's own link from a socket to its response; there is no public one.
  return Boolean((socket as { _httpMessage?: unknown })._httpMessage);
}

const MALFORMED = 'The request is no well-formed HTTP request.';

/** The adapter gives up on a host or a path that make no URL. */
function fromAdapter(thrown: unknown): AppError {
  const malformed = thrown instanceof Error && thrown.name === 'RequestError';
  return malformed ? new MalformedRequestError(MALFORMED, { cause: thrown }) : toAppError(thrown);
}

function fromParser(cause: NodeJS.ErrnoException): AppError {
  switch (cause.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLargeError('The header fields are too large.', { cause });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeoutError('The request did not arrive in time.', { cause });
    default:
      return new MalformedRequestError(MALFORMED, { cause });
  }
}

/** Counts and logs the refusal in a span, so that its trace id leads somewhere. */
function refuse(service: Service, error: AppError): Response {
  if (trace.getActiveSpan()) return answerRefusal(service, error);
  const span = trace.getTracer('@breakwater/service').startSpan('HTTP', { kind: SpanKind.SERVER });
  const parent = context.active();
  // Without an SDK the span has no ids of its own to offer.
  const scope = span.isRecording() ? trace.setSpan(parent, span) : parent;
  try {
    return context.with(scope, () => answerRefusal(service, error));
  } finally {
    span.end();
  }
}

function answerRefusal({ name, format, ...service }: Service, error: AppError): Response {
  const spanContext = currentSpanContext();
  const { traceId } = spanContext;
  const requestId = randomUUID();
  const { status, headers, body } = renderError(format, {
    error,
    traceId,
    requestId,
    serviceName: name,
    path: '/',
  });
  const request = { method: METHOD, route: ROUTE_UNMATCHED, requestId, traceId };
  service.metrics.record({ ...request, status, durationMs: 0, error });
  logRequest(service.logger, { ...request, status, durationMs: 0, error });
  trace.getActiveSpan()?.setAttributes({
    'http.request.method': METHOD,
    'http.response.status_code': status,
    [ATTRIBUTES.errorCode]: error.code,
  });
  return new Response(body, {
    status,
    headers: {
      ...headers,
      connection: 'close',
      [HEADERS.traceId]: traceId,
      [HEADERS.requestId]: requestId,
      [HEADERS.serverTiming]: `traceparent;desc="${toTraceparent(spanContext)}"`,
    },
  });
}

/** Node has no response object for what it could not parse: the answer is written by hand. */
async function answerSocket(socket: Duplex, response: Response): Promise<void> {
  const body = await response.text();
  const headers = [...response.headers, ['content-length', String(Buffer.byteLength(body))]];
  const head = [
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

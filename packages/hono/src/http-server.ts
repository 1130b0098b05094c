/**
 * The HTTP server under a service: what never becomes a request is answered by the contract too.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AppError, MalformedRequestError } from '@breakwater/errors';
import { markTraced } from '@breakwater/telemetry';
import { getRequestListener } from '@hono/node-server';
import type { Breakwater, Served } from './breakwater.ts';
import { endAfter, isEnded, MALFORMED, onBroken, onConnect } from './broken-connection.ts';
import { IdentifiedResponse } from './identified-response.ts';
import { lingerOnClose } from './linger.ts';
import { refuse } from './refusal.ts';
import { headProblem, UNNAMED_HOST } from './request-head.ts';

/**
 * How long a client may take to send its headers, and all of its request, in milliseconds; one that
 * takes longer holds a place for nothing.
 */
const PATIENCE = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};

/** Makes the server for one of a service's apps; it does not listen yet. */
export function createHttpServer(service: Breakwater<Served>, app: Served = service.app): Server {
  let givenUp = false;
  const ask = getRequestListener(app.fetch, {
    hostname: UNNAMED_HOST,
    errorHandler: (thrown) => {
      givenUp = true;
      const { status, headers, body } = refuse(service, fromAdapter(service, thrown));
      return new Response(body, { status, headers });
    },
  });
  // Node would answer a request without a host itself.
  const options = { ...PATIENCE, requireHostHeader: false, ServerResponse: IdentifiedResponse };
  const server = createServer(options, (request: IncomingMessage, response) => {
    // Nothing is done for what comes after a last request: nobody would be told.
    if (isEnded(request.socket)) return;
    const problem = headProblem(request);
    // Whatever follows a request for another protocol Node's parser would lose.
    if (problem || request.headers.upgrade !== undefined) endAfter(response);
    if (problem) {
      const { status, headers, body } = refuse(service, problem, request);
      response.writeHead(status, { ...headers }).end(body);
    } else {
      givenUp = false;
      void ask(request, response);
      // At once: by the time the refusal is written, requests behind it would be at work.
      if (givenUp) endAfter(response);
    }
  });
  // Of more than 2,000 header fields Node would keep no more; their bytes are bounded anyway.
  server.maxHeadersCount = 0;
  // What a client expects beyond 100-continue may be ignored (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (cause, socket) => onBroken(service, cause, socket));
  if (service.spans) markTraced(server as Server);
  lingerOnClose(server as Server);
  server.on('connect', (request, socket) => onConnect(service, request, socket));
  return server as Server;
}

/** The adapter gives up on a host or a path that make no URL. */
function fromAdapter(service: Breakwater<Served>, thrown: unknown): AppError {
  const malformed = thrown instanceof Error && thrown.name === 'RequestError';
  return malformed
    ? new MalformedRequestError(MALFORMED, { cause: thrown })
    : service.toAppError(thrown);
}

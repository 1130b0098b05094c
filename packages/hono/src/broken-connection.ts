/**
 * A connection on which something came in that is no request, or ceases to be one.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type AppError,
  HeadersTooLargeError,
  MalformedRequestError,
  MethodNotAllowedError,
  RequestTimeoutError,
} from '@breakwater/errors';
import type { Breakwater, Served } from './breakwater.ts';
import { lastResponse } from './identified-response.ts';
import { closeSoon } from './linger.ts';
import { refuse, toBytes } from './refusal.ts';

/** The client went away, in mid-request perhaps: nobody reads a response. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

export const MALFORMED = 'The request is no well-formed HTTP request.';

/** Connections whose last response is known: it is being made, or is a refusal that waits. */
const ended = new WeakSet<Duplex>();

/** Whether nothing more is read from a connection (RFC 9112, section 9.6). */
export function isEnded(socket: Duplex): boolean {
  return ended.has(socket);
}

/** Makes a response the last one of its connection. */
export function endAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  ended.add(response.req.socket);
}

/**
 * Deals with bytes that are no HTTP, and with a request that takes too long to arrive. Of a request
 * that is being handled the body fails, so that the handler's response says what was wrong with it;
 * what was no request at all is refused once the responses before it are written. Either is the
 * last response of its connection.
 */
export function onBroken(
  service: Breakwater<Served>,
  cause: NodeJS.ErrnoException,
  socket: Duplex,
): void {
  if (GONE.has(cause.code ?? '')) {
    socket.destroy();
    return;
  }
  // What follows a request that said it is the last one is not read (RFC 9112, section 9.6).
  if (cause.code === 'HPE_CLOSED_CONNECTION') return;
  const last = lastResponse(socket);
  if (last && !last.req.complete) {
    breakBody(last, toError(cause));
    afterResponses(socket, () => closeSoon(socket));
  } else {
    refuseLater(service, toError(cause), socket);
  }
}

/** Refuses a tunnel: this is no proxy. Node has let go of the connection. */
export function onConnect(
  service: Breakwater<Served>,
  request: IncomingMessage,
  socket: Duplex,
): void {
  socket.on('error', () => {}).resume();
  refuseLater(service, new MethodNotAllowedError('The service is no proxy.'), socket, request);
}

function toError(cause: NodeJS.ErrnoException): AppError {
  switch (cause.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLargeError('The header fields are too large.', { cause });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeoutError('The request did not arrive in time.', { cause });
    default:
      return new MalformedRequestError(MALFORMED, { cause });
  }
}

/** Ends the body with an error for whoever reads it, and leaves the connection for the response. */
function breakBody(response: ServerResponse, error: AppError): void {
  const { req: request } = response;
  endAfter(response);
  if (request.destroyed) return;
  // Its own way to be destroyed takes the connection along.
  request._destroy = (reason, done) => done(reason);
  request.on('error', () => {}).destroy(error);
}

function refuseLater(
  service: Breakwater<Served>,
  error: AppError,
  socket: Duplex,
  request?: IncomingMessage,
): void {
  if (ended.has(socket)) return;
  ended.add(socket);
  afterResponses(socket, () => {
    if (socket.writable) closeSoon(socket, toBytes(refuse(service, error, request)));
  });
}

function afterResponses(socket: Duplex, then: () => void): void {
  const last = lastResponse(socket);
  if (last && !last.writableFinished && !last.destroyed) last.once('close', then);
  else then();
}

/**
 * A server response that carries a request's ids, whatever its head is made of.
 *
 * @module
 */
import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { afterWriting, endTurn, isWriting } from '@breakwater/telemetry';

const NONE: Readonly<Record<string, string>> = {};

/** Where a connection keeps its newest response: those before it are written first. */
const NEWEST = Symbol('newest response');
type Connection = Duplex & { [NEWEST]?: ServerResponse };

/** The response to the newest request of a connection; undefined before the first one. */
export function lastResponse(socket: Duplex): ServerResponse | undefined {
  return (socket as Connection)[NEWEST];
}

/**
 * The ids are written with the head, over what the response may say under the same names. Setting
 * them on the `Response` instead would turn its plain headers into the platform's `Headers`, whose
 * checks and sorting cost as much as the log line.
 *
 * Nothing is sent before the lines that tell of it are written, which is once for all requests of a
 * turn of the event loop: a client that has its response finds its line, whatever becomes of the
 * process.
 */
export class IdentifiedResponse extends ServerResponse {
  /** Lower-case header names and their values. */
  identity: Readonly<Record<string, string>> = NONE;

  constructor(request: IncomingMessage, ...options: object[]) {
    super(request, ...(options as []));
    (request.socket as Connection)[NEWEST] = this;
  }

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, this.#with(headers));
    return super.writeHead(status, this.#with(reason));
  }

  override flushHeaders(): void {
    if (isWriting()) endTurn();
    super.flushHeaders();
  }

  override write(...chunk: unknown[]): boolean {
    if (isWriting()) endTurn();
    return super.write(...(chunk as [unknown]));
  }

  override end(...chunk: unknown[]): this {
    if (isWriting()) afterWriting(() => super.end(...(chunk as [unknown])));
    else super.end(...(chunk as [unknown]));
    return this;
  }

  #with(given: OutgoingHttpHeaders | OutgoingHttpHeader[] = {}): OutgoingHttpHeaders {
    if (Array.isArray(given)) throw new TypeError('give the headers as an object');
    const { identity } = this;
    const headers: OutgoingHttpHeaders = {};
    for (const name in given) {
      if (!(name.toLowerCase() in identity)) headers[name] = given[name];
    }
    for (const name in identity) headers[name] = identity[name];
    return headers;
  }
}

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

/** The newest response of each connection: those before it are written first. */
const newest = new WeakMap<Duplex, ServerResponse>();

/** The response to the newest request of a connection; undefined before the first one. */
export function lastResponse(socket: Duplex): ServerResponse | undefined {
  return newest.get(socket);
}

/**
 * The ids are written with the head, over what the answer may say under the same names. Setting
 * them on the `Response` instead would turn its plain headers into the platform's `Headers`, whose
 * checks and sorting cost as much as the log line.
 */
export class IdentifiedResponse extends ServerResponse {
  /** Lower-case header names and their values. */
  identity: Readonly<Record<string, string>> = {};

  constructor(request: IncomingMessage, ...options: object[]) {
    super(request, ...(options as []));
    newest.set(request.socket, this);
  }

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, this.#with(headers));
    return super.writeHead(status, this.#with(reason));
  }

  #with(given: OutgoingHttpHeaders | OutgoingHttpHeader[] = {}): OutgoingHttpHeaders {
    if (Array.isArray(given)) throw new TypeError('give the headers as an object');
    const headers: OutgoingHttpHeaders = {};
    for (const name of Object.keys(given)) {
      if (!(name.toLowerCase() in this.identity)) {
        headers[name] = given[name];
      }
    }
    return Object.assign(headers, this.identity);
  }
}

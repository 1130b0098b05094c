/**
 * A request as it came in, read without building what most requests never need.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the node server hands an app beside the request. */
interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** A request, with what is known of it below the platform's `Request`. */
export class Received {
  readonly raw: Request;
  /** Node's own, where a node server received it. */
  readonly incoming: IncomingMessage | undefined;
  readonly outgoing: ServerResponse | undefined;
  /** As sent, still encoded, without query. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;

  constructor(raw: Request, env: unknown) {
    const { incoming, outgoing } = (env ?? {}) as NodeBindings;
    this.raw = raw;
    this.incoming = incoming?.headers ? incoming : undefined;
    this.outgoing = outgoing;
    const { url } = raw;
    const start = url.indexOf('/', url.indexOf('://') + 3);
    const hash = url.indexOf('#', start);
    const end = hash < 0 ? url.length : hash;
    const query = url.indexOf('?', start);
    const isQuery = query >= 0 && query < end;
    this.path = url.slice(start, isQuery ? query : end);
    this.search = isQuery ? url.slice(query, end) : '';
  }

  /** A header by its lower-case name; several of one name are one, as the platform joins them. */
  header(name: string): string | undefined {
    if (!this.incoming) return this.raw.headers.get(name) ?? undefined;
    const value = this.incoming.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }
}

/**
 * One of the two servers of a service, while it listens.
 *
 * @module
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markOperational } from '@breakwater/telemetry';
import type { Breakwater, Served } from './breakwater.ts';
import { createHttpServer } from './http-server.ts';

/** Where to listen. */
export interface Address {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Address to bind to. */
  readonly host: string;
}

/** What to do when an address cannot be listened on, by the system's code. */
const HINTS: Readonly<Record<string, (prefix: string) => string>> = {
  EADDRINUSE: (prefix) => `it is in use; set ${prefix}PORT to a free one`,
  EACCES: (prefix) => `this user may not listen there; set ${prefix}PORT to 1024 or above`,
  EADDRNOTAVAIL: (prefix) =>
    `this machine has no such address; set ${prefix}HOST to one that it has`,
  ENOTFOUND: (prefix) => `there is no such host; set ${prefix}HOST to an address of this machine`,
};

/** How often connections that have become idle are looked for while closing, in milliseconds. */
const SWEEP_MS = 50;

/** A server that listens, and ends without breaking off what it has begun. */
export class Listener {
  readonly port: number;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /**
   * @param prefix of the variables that say where
   * @throws Error that names the port and what to do, when it cannot be bound.
   */
  static async open(
    service: Breakwater<Served>,
    app: Served,
    { host, port }: Address,
    prefix = '',
  ): Promise<Listener> {
    const server = createHttpServer(service, app);
    if (app === service.operations) markOperational(server);
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      const hint = HINTS[code]?.(prefix) ?? message;
      throw new Error(`${service.name} cannot listen on ${host}:${port}: ${hint}`, { cause });
    }
    return new Listener(server, host);
  }

  /** Takes requests as before, each the last of its connection: the next one goes elsewhere. */
  drain(): void {
    this.#server.prependListener('request', (_, response) => {
      response.shouldKeepAlive = false;
    });
  }

  /**
   * Takes no new connection and waits for the requests in flight. Their connections would idle on
   * for seconds: they are closed.
   */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS);
    this.#server.close();
    await closed;
    clearInterval(sweep);
  }
}

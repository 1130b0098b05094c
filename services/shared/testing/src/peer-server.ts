/**
 * A peer of the service under test: a real server on a free port.
 *
 * @module
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AppError, renderError, toAppError } from '@breakwater/errors';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** A peer that listens. */
export interface PeerServer {
  /** Routes go on here. What they throw is answered as `application/problem+json`. */
  readonly app: Hono;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts an empty server that speaks the error contract. */
export async function servePeer(name: string): Promise<PeerServer> {
  const app = new Hono();
  app.onError((thrown, c) => {
    const { status, headers, body } = renderError('problem', {
      error: thrown instanceof AppError ? thrown : toAppError(thrown),
      traceId: '0'.repeat(31) + 1,
      requestId: 'request',
      serviceName: name,
      path: c.req.path,
    });
    return new Response(body, { status, headers });
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

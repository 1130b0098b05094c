/**
 * Serves the metrics of the process on a port of its own, once the process listens for anything, and
 * says where.
 *
 * @module
 */
import { subscribe } from 'node:diagnostics_channel';
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { TargetGroup } from '../run/hand-over.ts';
import { type MetricsPage, readMetrics } from './read-metrics.ts';

/** Channels of `net.Server.listen()`, as Node.js names them. */
const LISTENING = 'tracing:net.server.listen:asyncEnd';

/** A process that never listens, such as a wrapper or a build, has no metrics to read. */
export function announceMetrics(folder: string, service: string): void {
  let server: Server | undefined;
  subscribe(LISTENING, (message) => {
    const listening = (message as { server?: { address(): AddressInfo | string | null } }).server;
    const address = listening?.address();
    // A pipe is how a wrapper speaks with what it wraps.
    if (server || typeof address !== 'object' || address === null) return;
    server = serveMetrics((port) => {
      const path = join(folder, `${process.pid}.json`);
      const group: TargetGroup = {
        targets: [`127.0.0.1:${port}`],
        labels: { service_name: service },
      };
      writeFileSync(path, JSON.stringify(group));
      process.once('exit', () => rmSync(path, { force: true }));
    });
  });
}

/**
 * Keeps no process alive. Below HTTP's own module, which the program may have instrumented: each
 * scrape would be a trace.
 */
function serveMetrics(listening: (port: number) => void): Server {
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      const isAsked = /^GET \/metrics[ ?]/.test(head.toString('latin1', 0, 64));
      const responding = isAsked ? readMetrics() : Promise.resolve(undefined);
      responding.then(
        (metrics) => socket.end(metrics ? respond('200 OK', metrics) : respond('404 Not Found')),
        () => socket.end(respond('500 Internal Server Error')),
      );
    });
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
  return server.unref();
}

function respond(status: string, page: MetricsPage = { type: 'text/plain', text: '' }): string {
  const { type, text } = page;
  const length = Buffer.byteLength(text);
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${text}`;
}

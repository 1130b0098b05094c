/**
 * A service under load that has nothing of ours: what it tells the benchmark about itself.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Usage } from './server.ts';

/**
 * Serves an app that has `/metrics`. `process.exit()` comes with the end of the benchmark: what the
 * service still holds then was counted before.
 */
export function servePeer(app: Hono): void {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
  process.on('message', async (message: { metrics?: boolean }) => {
    if (message.metrics) process.send?.(await (await app.request('/metrics')).text());
    else process.send?.(usage());
  });
  process.on('disconnect', () => process.exit());
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}

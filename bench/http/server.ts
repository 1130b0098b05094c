/**
 * One variant of the service under load, in a process of its own.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { closeLogger, createLogger, registry, telemetry } from '@breakwater/otel';
import { variants } from './variants.ts';

/** What the process has used so far. */
export interface Usage {
  /** User and system time of all its threads, in microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const variant = variants[process.argv[2] ?? ''];
if (!variant) throw new Error(`there is no variant ${process.argv[2]}`);
const logger = createLogger();
const server = variant(logger).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', async (message: { metrics?: boolean }) =>
  process.send?.(message.metrics ? await registry.metrics() : usage()),
);
process.on('disconnect', async () => {
  server.close();
  await closeLogger(logger);
  await telemetry()?.shutdown();
  process.exit();
});

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}

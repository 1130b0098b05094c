/**
 * One variant of the service under load, in a process of its own.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { closeLogger, createLogger, METRICS, registry, telemetry } from '@breakwater/otel';
import { variants } from './variants.ts';

/** What the process has used and written so far. */
export interface Usage {
  /** User and system time of all its threads, in microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  /** Log lines that reached their outputs. */
  readonly lines: number;
  readonly spansExported: number;
  readonly spansQueued: number;
  readonly spansDropped: number;
}

const variant = variants[process.argv[2] ?? ''];
if (!variant) throw new Error(`there is no variant ${process.argv[2]}`);
const logger = createLogger();
const server = variant(logger).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', async () => process.send?.(await usage()));
process.on('disconnect', async () => {
  server.close();
  await closeLogger(logger);
  await telemetry()?.shutdown();
  process.exit();
});

async function usage(): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const { exported = 0, queued = 0, dropped } = telemetry()?.spans?.counts ?? {};
  return {
    cpuUs: user + system,
    rssBytes: process.memoryUsage.rss(),
    lines: (await total(METRICS.logLines)) - (await total(METRICS.logLinesLost)),
    spansExported: exported,
    spansQueued: queued,
    spansDropped: Object.values(dropped ?? {}).reduce((sum, count) => sum + count, 0),
  };
}

async function total(name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

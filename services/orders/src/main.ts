/**
 * Starts orders.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { JobQueue } from './job-queue.ts';
import { createPeers } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { port, host, databaseUrl, abandonedMs, sweepMs, reconcile, ...urls } = Config.read(
    process.env,
    readConfig,
  );
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const queue = new JobQueue({ url: databaseUrl, logger });
  await queue.start();
  const resilience = new Resilience();
  const peers = createPeers(urls, { resilience });
  const service = createApp({ database, peers, queue, logger, resilience, abandonedMs });
  const { reconciler, notifier } = service;
  if (reconcile) {
    await queue.work(
      (orderId) => reconciler.reconcile(orderId),
      () => reconciler.sweep(),
      sweepMs,
    );
  }
  const onClose = [() => queue.stop(), () => notifier.drain(), database.close];
  await runService(service, { port, host, onClose });
});

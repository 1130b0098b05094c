/**
 * Starts users.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createPeers } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { databaseUrl, ordersUrl, ...address } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const resilience = new Resilience();
  const peers = createPeers({ ordersUrl }, resilience);
  const app = createApp({ database, peers, logger, resilience });
  await runService(app, { ...address, onClose: [database.close] });
});

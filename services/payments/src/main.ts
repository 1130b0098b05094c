/**
 * Starts payments.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { connectProvider } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { databaseUrl, providerUrl, ...address } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const resilience = new Resilience();
  const provider = connectProvider(providerUrl, { resilience });
  const service = createApp({ database, logger, resilience, provider });
  await runService(service, { ...address, onClose: [database.close] });
});

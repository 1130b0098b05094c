/**
 * Starts catalog.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { databaseUrl, ...address } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  await runService(createApp({ database, logger }), { ...address, onClose: [database.close] });
});

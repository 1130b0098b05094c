/**
 * Starts the outside world.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, startUp, systemClock } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { Faults } from './faults.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { host, port, databaseUrl, controlToken, random } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const faults = new Faults(systemClock, random);
  const service = createApp({ logger, database, faults, random, controlToken });
  await runService(service, {
    ...{ host, port },
    // A clean stop waits for the requests in flight, so faults must let theirs go.
    onStop: () => faults.clear(),
    onClose: [database.close],
  });
});

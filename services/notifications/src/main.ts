/**
 * Starts notifications.
 *
 * @module
 */
import { createLogger } from '@breakwater/otel';
import { Config, runService, startUp } from '@breakwater/service';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { connectDelivery } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { unstableUrl, ...address } = Config.read(process.env, readConfig);
  await runService(createApp({ delivery: connectDelivery(unstableUrl), logger }), address);
});

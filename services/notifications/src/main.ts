/**
 * Starts notifications.
 *
 * @module
 */

import { Config, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { connectDelivery } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { unstableUrl, ...address } = Config.read(process.env, readConfig);
  const resilience = new Resilience();
  const delivery = connectDelivery(unstableUrl, resilience);
  await runService(createApp({ delivery, logger, resilience }), address);
});

/**
 * Starts the gateway.
 *
 * @module
 */

import { Config, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createExperiments } from './experiments.ts';
import { createPeers } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { port, host, secureDataToken, rateLimit, unstableUrl, ...urls } = Config.read(
    process.env,
    readConfig,
  );
  const resilience = new Resilience();
  const app = createApp({
    peers: createPeers(urls, resilience),
    experiments: createExperiments(unstableUrl, resilience),
    ...{ secureDataToken, rateLimit, logger, resilience },
  });
  await runService(app, { port, host });
});

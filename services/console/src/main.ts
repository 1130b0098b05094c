/**
 * Starts the console.
 *
 * @module
 */
import { createLogger } from '@breakwater/otel';
import { Config, runService, startUp } from '@breakwater/service';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { Experiments } from './experiments/experiments.ts';
import { Processes } from './processes.ts';
import { openTelemetry } from './telemetry.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const config = Config.read(process.env, readConfig);
  const { host, port, token, allowedHosts } = config;
  const telemetry = openTelemetry(config);
  const experiments = new Experiments(config.experiments);
  const processes = new Processes(config);
  const { service, live } = createApp({
    ...{ logger, token: token.value, controlToken: config.controlToken, allowedHosts },
    ...{ telemetry, processes, experiments },
  });
  const running = await runService(service, {
    ...{ host, port },
    onStop: () => live.close(),
    onClose: [() => experiments.close(), async () => telemetry.close()],
  });
  // Not to the log: whoever reads logs would hold the key.
  const url = `http://${host}:${running.port}/#token=${encodeURIComponent(token.value)}`;
  if (token.made) process.stderr.write(`console: ${url}\n`);
});

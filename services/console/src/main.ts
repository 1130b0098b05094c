/**
 * Starts the console as a service of the stack.
 *
 * @module
 */
import { createConsole } from '@breakwater/console';
import { Config, runService, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { readConfig } from './config.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { host, port, token, ...config } = Config.read(process.env, readConfig);
  const console = createConsole({ logger, token: token.value, ...config });
  const running = await runService(console.service, {
    ...{ host, port },
    onStop: () => console.endStreams(),
    onClose: [() => console.close()],
  });
  // Not to the log: whoever reads logs would hold the key.
  const url = `http://${host}:${running.port}/#token=${encodeURIComponent(token.value)}`;
  if (token.made) process.stderr.write(`console: ${url}\n`);
});

/**
 * Starts payments.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, serveGrpc, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { Resilience } from '@breakwater/resilience';
import { createApp, DEADLINE_MS } from './app.ts';
import { readConfig } from './config.ts';
import { connectProvider } from './peers.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { databaseUrl, providerUrl, grpcPort, ...address } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const resilience = new Resilience();
  const provider = connectProvider(providerUrl, { resilience });
  const service = createApp({ database, logger, resilience, provider });
  const at = { host: address.host, port: grpcPort };
  const grpc = await serveGrpc(service, at, DEADLINE_MS, service.addTo);
  const onClose = [grpc.close, database.close];
  await runService(service, { ...address, onDrain: grpc.drain, onClose });
});

/**
 * Starts catalog.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Config, openDatabase, runService, serveGrpc, startUp } from '@breakwater/kit';
import { createLogger } from '@breakwater/otel';
import { createApp, DEADLINE_MS } from './app.ts';
import { readConfig } from './config.ts';

const logger = createLogger();

await startUp(logger, async () => {
  const { databaseUrl, grpcPort, ...address } = Config.read(process.env, readConfig);
  const database = await openDatabase({
    url: databaseUrl,
    schema: {},
    migrations: fileURLToPath(new URL('../migrations', import.meta.url)),
    logger,
  });
  const service = createApp({ database, logger });
  const at = { host: address.host, port: grpcPort };
  const grpc = await serveGrpc(service, at, DEADLINE_MS, service.addTo);
  const onClose = [grpc.close, database.close];
  await runService(service, { ...address, onDrain: grpc.drain, onClose });
});

/**
 * Payments as tests meet it: over a real database, with a provider of the test's choice.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import type { GrpcClient } from '@breakwater/grpc';
import { createGrpcClient, type Database, openDatabase, serveGrpc } from '@breakwater/kit';
import { type DependencyOptions, Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import { type LogLine, type Requester, requester, testTelemetry } from '@breakwater/testing';
import type { Registry } from 'prom-client';
import { createApp, DEADLINE_MS } from './app.ts';
import { connectProvider } from './peers.ts';

/** What a test needs to drive payments. */
export interface TestApp {
  readonly request: Requester;
  /** Calls it over gRPC. */
  readonly client: GrpcClient;
  readonly registry: Registry;
  readonly database: Database;
  /** Every line logged so far. */
  readonly lines: LogLine[];
  stop(): Promise<void>;
}

/** Each answer of the provider stands for itself: nothing is retried and no circuit opens. */
const ONE_ATTEMPT: DependencyOptions = { timeoutMs: 1_000, retry: false, breaker: false };

/** Makes the app over an empty database. */
export async function makeTestApp(
  providerUrl: string,
  policy: DependencyOptions = ONE_ATTEMPT,
): Promise<TestApp> {
  const postgres = await temporaryPostgres();
  const { logger, registry, lines } = testTelemetry('payments');
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  const database = await openDatabase({ url: postgres.url, schema: {}, migrations, logger });
  const provider = connectProvider(providerUrl, {
    policy,
    resilience: new Resilience({ metrics: false }),
  });
  const service = createApp({ logger, registry, database, provider, clock: new VirtualClock() });
  const at = { host: '127.0.0.1', port: 0 };
  const grpc = await serveGrpc(service, at, DEADLINE_MS, service.addTo);
  const client = createGrpcClient({
    name: 'payments',
    userAgent: 'payments',
    url: `http://127.0.0.1:${grpc.port}`,
    policy,
    resilience: new Resilience({ metrics: false }),
  });
  return {
    request: requester(service.app),
    client,
    registry,
    database,
    lines,
    async stop() {
      client.close();
      await grpc.close();
      await database.close();
      await postgres.stop();
    },
  };
}

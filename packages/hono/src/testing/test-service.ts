/**
 * What the tests of this package share: a service that listens, and one whose log can be read.
 *
 * @module
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Requester, requester, type TestTelemetry, testTelemetry } from '@breakwater/testing';
import { createService, type Service, type ServiceOptions } from '../create-service.ts';
import { createHttpServer } from '../http-server.ts';

/** A service in memory, with its log, its metrics and a way to ask it. */
export interface TestService<S extends Service = Service> extends TestTelemetry {
  readonly service: S;
  /** Asks the public app. */
  readonly request: Requester;
  /** Asks the operational app. */
  readonly operate: Requester;
}

/** How a service is made; a kit of services gives its own. */
export type Create<O extends ServiceOptions, S extends Service> = (options: O) => S;

export function testService(options?: Partial<ServiceOptions>): TestService;
export function testService<O extends ServiceOptions, S extends Service>(
  options: Partial<O>,
  create: Create<O, S>,
): TestService<S>;
export function testService(
  options: Partial<ServiceOptions> = {},
  create: Create<ServiceOptions, Service> = createService,
): TestService {
  const telemetry = testTelemetry();
  const service = create({
    name: 'test',
    description: 'A service under test.',
    logger: telemetry.logger,
    registry: telemetry.registry,
    ...options,
  });
  const operate = requester(service.operations);
  return { ...telemetry, service, request: requester(service.app), operate };
}

/** A service behind a real server. */
export interface ListeningService extends TestService {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export async function listeningService<O extends ServiceOptions, S extends Service>(
  options: Partial<O> = {},
  create?: Create<O, S>,
): Promise<ListeningService> {
  const made = create ? testService(options, create) : testService(options);
  const server = createHttpServer(made.service);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...made,
    url,
    port,
    request: requester(url),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * The gRPC side of a service of the shop, beside its REST side.
 *
 * @module
 */
import { GrpcServer } from '@breakwater/grpc';
import type { Address } from '@breakwater/hono';
import { Config } from './config.ts';
import type { Service } from './create-service.ts';
import { inFlightLimit } from './service-config.ts';

/** A gRPC server that listens; its two steps of a stop are for `runService`. */
export interface GrpcListener {
  readonly port: number;
  /** For `onDrain`. */
  drain(): void;
  /** For `onClose`, before what the handlers need. */
  close(): Promise<void>;
}

/**
 * Serves gRPC with the logger, the metrics, the error mappings and the limits of a service.
 *
 * @param deadlineMs the service's own, in milliseconds
 * @param add adds the services; called before anything is let in
 * @throws Error when the port cannot be bound; the message names it and what to do
 */
export async function serveGrpc(
  service: Service,
  { host, port }: Address,
  deadlineMs: number,
  add: (server: GrpcServer) => void,
): Promise<GrpcListener> {
  const { name, logger, registry, toAppError, recordOutcome } = service;
  const server = new GrpcServer({
    ...{ name, logger, registry, toAppError, recordOutcome, deadlineMs },
    maxInFlight: inFlightLimit(new Config()),
  });
  add(server);
  const bound = await server.listen({ host, port }).catch((cause: Error) => {
    const hint = 'set GRPC_PORT to a free one';
    throw new Error(`${name} cannot serve gRPC on ${host}:${port}: ${hint}`, { cause });
  });
  logger.info(`${name} serves gRPC on http://${host}:${bound}`, {
    'event.name': 'grpc_started',
  });
  return { port: bound, drain: () => server.drain(), close: () => server.close() };
}

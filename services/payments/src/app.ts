/**
 * Payments: charges through an outside provider that misbehaves.
 *
 * @module
 */

import { CONSUMERS } from '@breakwater/contracts';
import type { GrpcServer } from '@breakwater/grpc';
import { ContractRequests } from '@breakwater/hono';
import {
  createService,
  DATABASE_ERRORS,
  type Database,
  databaseErrors,
  type Service,
  type ServiceOptions,
} from '@breakwater/kit';
import { addPayments } from './grpc/payments.ts';
import { PaymentRepository } from './payment-repository.ts';
import type { Provider } from './peers.ts';
import { mountPayments } from './routes/payments.ts';

/** What the app is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly provider: Provider;
}

/** The service's own deadline, over REST and gRPC, in milliseconds. */
export const DEADLINE_MS = 2_500;

/** Makes the app, and what it adds to a gRPC server. */
export function createApp({
  database,
  provider,
  ...options
}: AppDependencies): Service & { addTo(server: GrpcServer): void } {
  const service = createService({
    name: 'payments',
    description: 'Takes payment for orders, through an outside provider that misbehaves.',
    deadlineMs: DEADLINE_MS,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  const repository = new PaymentRepository(database);
  const { registry } = service;
  const requests = new ContractRequests({ contract: 'payments', consumers: CONSUMERS, registry });
  mountPayments(service, repository, provider, requests);
  const addTo = (server: GrpcServer) => addPayments(server, repository, provider, requests);
  return { ...service, addTo };
}

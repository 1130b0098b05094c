/**
 * Payments: charges through an outside provider that misbehaves.
 *
 * @module
 */

import { PaymentService } from '@breakwater/contracts/payments/v1';
import type { GrpcServer } from '@breakwater/grpc';
import {
  createService,
  DATABASE_ERRORS,
  type Database,
  databaseErrors,
  type Service,
  type ServiceOptions,
} from '@breakwater/kit';
import { paymentHandlers } from './grpc/payments.ts';
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
  mountPayments(service, repository, provider);
  const handlers = paymentHandlers(repository, provider);
  return { ...service, addTo: (server) => server.add(PaymentService, handlers) };
}

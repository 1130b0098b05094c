/**
 * Payments: charges through an outside provider that misbehaves.
 *
 * @module
 */
import {
  createService,
  DATABASE_ERRORS,
  type Database,
  databaseErrors,
  type Service,
  type ServiceOptions,
} from '@breakwater/kit';
import { PaymentRepository } from './payment-repository.ts';
import type { Provider } from './peers.ts';
import { mountPayments } from './routes/payments.ts';

/** What the app is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly provider: Provider;
}

/** Makes the app. */
export function createApp({ database, provider, ...options }: AppDependencies): Service {
  const service = createService({
    name: 'payments',
    description: 'Takes payment for orders, through an outside provider that misbehaves.',
    deadlineMs: 2_500,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  mountPayments(service, new PaymentRepository(database), provider);
  return service;
}

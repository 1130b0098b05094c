/**
 * The outside world: a payment provider with a ledger, and other things that fail on command.
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
import type { Random } from '@breakwater/resilience';
import { ChargeRepository } from './charge-repository.ts';
import type { Faults } from './faults.ts';
import { mountCharges } from './routes/charges.ts';
import { mountDeliveries } from './routes/deliveries.ts';
import { mountFaults } from './routes/faults.ts';
import { mountFlaky } from './routes/flaky.ts';

/** What the app is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'maxInFlight' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly faults: Faults;
  /** Chance, for the routes that fail by it. */
  readonly random: Random;
  readonly controlToken: string;
}

const DESCRIPTION = `The outside world: a payment provider that misbehaves on command.

The provider's promise: an answer with an error status means that no charge was made by that
request. A missing, broken or unreadable answer means nothing either way; repeat the request with
the same Idempotency-Key, which never charges twice, or look the charge up by that key.`;

/** Makes the app. */
export function createApp(dependencies: AppDependencies): Service {
  const { database, faults, random, controlToken, ...options } = dependencies;
  const service = createService({
    name: 'unstable',
    description: DESCRIPTION,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    faults: false,
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  mountCharges(service, new ChargeRepository(database), faults);
  mountDeliveries(service, faults);
  mountFlaky(service, faults, random);
  mountFaults(service, faults, controlToken);
  return service;
}

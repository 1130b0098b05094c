/**
 * The outside world: a payment provider with a ledger, and other things that fail on command.
 *
 * @module
 */
import type { Logger } from '@breakwater/otel';
import { createService, type Database, type Service } from '@breakwater/service';
import type { Registry } from 'prom-client';
import { ChargeRepository } from './charge-repository.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import { mountCharges } from './routes/charges.ts';
import { mountDeliveries } from './routes/deliveries.ts';
import { mountFaults } from './routes/faults.ts';
import { mountFlaky } from './routes/flaky.ts';
import type { charges } from './schema.ts';

/** What the app is made of. */
export interface AppDeps {
  readonly logger: Logger;
  readonly database: Database<{ charges: typeof charges }>;
  readonly faults: Faults;
  /** Chance, for the routes that fail by it. */
  readonly random: Random;
  readonly controlToken: string;
  readonly registry?: Registry;
}

const DESCRIPTION = `The outside world: a payment provider that misbehaves on command.

The provider's promise: an answer with an error status means that no charge was made by that
request. A missing, broken or unreadable answer means nothing either way; repeat the request with
the same Idempotency-Key, which never charges twice, or look the charge up by that key.`;

/** Makes the app. */
export function createApp(deps: AppDeps): Service {
  const { logger, database, faults, registry } = deps;
  const service = createService({
    name: 'unstable',
    description: DESCRIPTION,
    logger,
    ...(registry ? { registry } : {}),
  });
  service.readiness.addCheck('database', database.ping);
  mountCharges(service, new ChargeRepository(database), faults);
  mountDeliveries(service, faults);
  mountFlaky(service, faults, deps.random);
  mountFaults(service, faults, deps.controlToken);
  return service;
}

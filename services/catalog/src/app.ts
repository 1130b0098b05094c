/**
 * Catalog: items and stock.
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
import { ItemRepository } from './item-repository.ts';
import { ReservationRepository } from './reservation-repository.ts';
import { mountItems } from './routes/items.ts';
import { mountReservations } from './routes/reservations.ts';

/** What catalog is made of. */
export interface AppDependencies extends Pick<ServiceOptions, 'logger' | 'registry' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'pool' | 'ping'>;
}

/** The app of the service, before it listens. */
export function createApp({ database, ...options }: AppDependencies): Service {
  const service = createService({
    name: 'catalog',
    description: 'Items, their prices, and the stock that orders reserve.',
    deadlineMs: 3_000,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  mountItems(service.app, new ItemRepository(database));
  mountReservations(service.app, new ReservationRepository(database));
  return service;
}

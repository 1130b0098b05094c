/**
 * Catalog: items and stock.
 *
 * @module
 */

import { CatalogService } from '@breakwater/contracts/catalog/v1';
import type { GrpcServer } from '@breakwater/grpc';
import {
  createService,
  DATABASE_ERRORS,
  type Database,
  databaseErrors,
  type Service,
  type ServiceOptions,
} from '@breakwater/kit';
import { catalogHandlers } from './grpc/catalog.ts';
import { ItemRepository } from './item-repository.ts';
import { ReservationRepository } from './reservation-repository.ts';
import { mountItems } from './routes/items.ts';
import { mountReservations } from './routes/reservations.ts';

/** What catalog is made of. */
export interface AppDependencies extends Pick<ServiceOptions, 'logger' | 'registry' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'pool' | 'ping'>;
}

/** The service's own deadline, over REST and gRPC, in milliseconds. */
export const DEADLINE_MS = 3_000;

/** The app of the service, and what it adds to a gRPC server, before either listens. */
export function createApp({
  database,
  ...options
}: AppDependencies): Service & { addTo(server: GrpcServer): void } {
  const service = createService({
    name: 'catalog',
    description: 'Items, their prices, and the stock that orders reserve.',
    deadlineMs: DEADLINE_MS,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  const items = new ItemRepository(database);
  const reservations = new ReservationRepository(database);
  mountItems(service.app, items);
  mountReservations(service.app, reservations);
  const handlers = catalogHandlers(items, reservations);
  return { ...service, addTo: (server) => server.add(CatalogService, handlers) };
}

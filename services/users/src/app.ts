/**
 * Users: accounts.
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
import type { Peers } from './peers.ts';
import { mountUsers } from './routes/users.ts';
import { UserRepository } from './user-repository.ts';

/** What users is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly peers: Peers;
}

/** The app of the service, before it listens. */
export function createApp({ database, peers, ...options }: AppDependencies): Service {
  const service = createService({
    name: 'users',
    description: 'Accounts: an address that nobody else has, and a name.',
    format: 'envelope',
    deadlineMs: 3_000,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    ...options,
  });
  service.readiness.addCheck('database', database.ping);
  mountUsers(service.app, new UserRepository(database), peers);
  return service;
}

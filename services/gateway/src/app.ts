/**
 * The gateway: the public edge.
 *
 * @module
 */
import { createService, type Service, type ServiceOptions } from '@breakwater/service';
import type { Peers } from './peers.ts';
import { mountItems } from './routes/items.ts';
import { mountOrders } from './routes/orders.ts';
import { mountSecureData } from './routes/secure-data.ts';
import { mountUsers } from './routes/users.ts';

/** What the gateway is made of. */
export interface AppDependencies extends Pick<ServiceOptions, 'logger' | 'registry'> {
  readonly peers: Peers;
  /** Opens `GET /secure_data`. */
  readonly secureDataToken: string;
}

/**
 * The app of the service, before it listens. It is ready whatever its peers do: a gateway whose
 * peer is down still has answers to give.
 */
export function createApp({ peers, secureDataToken, ...options }: AppDependencies): Service {
  const service = createService({
    name: 'gateway',
    description: 'The public API: checks requests at the edge and passes them on.',
    deadlineMs: 4_000,
    ...options,
  });
  mountItems(service.app, peers);
  mountOrders(service.app, peers);
  mountUsers(service.app, peers);
  mountSecureData(service.app, secureDataToken);
  return service;
}

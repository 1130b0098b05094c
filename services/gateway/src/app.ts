/**
 * The gateway: the public edge.
 *
 * @module
 */
import { RateLimitError } from '@breakwater/errors';
import { createService, type Service, type ServiceOptions } from '@breakwater/kit';
import type { Experiments } from './experiments.ts';
import type { Peers } from './peers.ts';
import { type RateLimitOptions, rateLimit } from './rate-limit.ts';
import { mountExperiments } from './routes/experiments.ts';
import { mountItems } from './routes/items.ts';
import { mountOrders } from './routes/orders.ts';
import { mountSecureData } from './routes/secure-data.ts';
import { mountUsers } from './routes/users.ts';

/** What the gateway is made of. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience' | 'errorRate'> {
  readonly peers: Peers;
  readonly experiments: Experiments;
  /** Default: no limit. */
  readonly rateLimit?: RateLimitOptions;
  /** Opens `GET /secure_data`. */
  readonly secureDataToken: string;
}

/**
 * The app of the service, before it listens. It is ready whatever its peers do: a gateway whose
 * peer is down still has answers to give.
 */
export function createApp(dependencies: AppDependencies): Service {
  const { peers, experiments, secureDataToken, rateLimit: limit, ...options } = dependencies;
  const service = createService({
    name: 'gateway',
    description: 'The public API: checks requests at the edge and passes them on.',
    deadlineMs: 4_000,
    errors: limit ? [RateLimitError] : [],
    degradedModes: {
      catalog: 'GET /items responds with the last good list, at most five minutes old',
    },
    ...options,
  });
  if (limit) service.app.use(rateLimit(limit));
  mountItems(service, peers);
  mountOrders(service.app, peers);
  mountUsers(service.app, peers);
  mountExperiments(service.app, experiments);
  mountSecureData(service.app, secureDataToken, { trustedProxies: limit?.trustedProxies ?? 0 });
  return service;
}

/**
 * Orders: places them, and settles those whose request could not.
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
import { Notifier } from './notifier.ts';
import { OrderRepository } from './order-repository.ts';
import type { Peers } from './peers.ts';
import { OrderPlacement } from './place-order.ts';
import { Reconciler } from './reconciler.ts';
import { mountOrders } from './routes/orders.ts';
import { type ReconciliationQueue, Settlement } from './settle-order.ts';
import { SettlementMetrics } from './settlement-metrics.ts';

/** What orders is made of; times are for tests. */
export interface AppDependencies
  extends Pick<ServiceOptions, 'logger' | 'registry' | 'resilience' | 'clock'> {
  readonly database: Pick<Database, 'db' | 'ping'>;
  readonly peers: Peers;
  readonly queue: ReconciliationQueue;
  /** How long one request or job holds an order, in milliseconds. Default: 5 s. */
  readonly leaseMs?: number;
  /** After this a `pending` order counts as abandoned, in milliseconds. Default: 10 s. */
  readonly abandonedMs?: number;
}

/** The app of the service, before it listens, and its reconciler, before it works. */
export function createApp(
  dependencies: AppDependencies,
): Service & { reconciler: Reconciler; notifier: Notifier } {
  const { database, peers, queue, logger, leaseMs, abandonedMs } = dependencies;
  const { registry, resilience, clock } = dependencies;
  const service = createService({
    name: 'orders',
    description: 'Places orders: reserves stock, takes payment, and loses neither.',
    deadlineMs: 3_500,
    errors: DATABASE_ERRORS,
    errorMappings: [databaseErrors],
    logger,
    ...(registry ? { registry } : {}),
    ...(clock ? { clock } : {}),
    ...(resilience ? { resilience } : {}),
  });
  service.readiness.addCheck('database', database.ping);
  const orders = new OrderRepository(database, leaseMs);
  const metrics = new SettlementMetrics(service.registry);
  const notifier = new Notifier(peers.notifications, logger);
  const { catalog, payments } = peers;
  const settlement = new Settlement({
    ...{ catalog, payments, notifier, orders, queue, metrics, logger },
  });
  mountOrders(service.app, orders, new OrderPlacement(orders, settlement), peers.users);
  const reconciler = new Reconciler({
    ...{ orders, settlement, catalog, queue, metrics, logger },
    ...(abandonedMs === undefined ? {} : { abandonedMs }),
  });
  return { ...service, reconciler, notifier };
}

/**
 * The five services an order goes through, as processes over one throw-away PostgreSQL.
 *
 * @module
 */
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import { type Answer, type Requester, type RequestOptions, requester } from './requester.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** In the order they are started: each needs those before it. */
export const ORDER_SERVICES = ['catalog', 'unstable', 'payments', 'orders', 'gateway'] as const;
/** One of {@link ORDER_SERVICES}. */
export type OrderService = (typeof ORDER_SERVICES)[number];

/** The running services. */
export interface OrderServices {
  readonly processes: Readonly<Record<OrderService, ServiceProcess>>;
  /** Sends requests to one of them. */
  readonly ask: Readonly<Record<OrderService, Requester>>;
  /** Sends requests to the operational listener of one of them. */
  readonly operate: Readonly<Record<OrderService, Requester>>;
  /** Sends a request to the provider's control endpoints. */
  control(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Crashes a service: SIGKILL, nothing is ended cleanly. */
  crash(name: OrderService): Promise<void>;
  /** Starts a service that was crashed again, where it was. */
  restart(name: OrderService): Promise<void>;
  stop(): Promise<void>;
}

const CONTROL_TOKEN = 'testing';

/** Nothing listens there: what an order does not need is away. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * Starts them; takes a few seconds.
 *
 * @param env adds to the environment of single services
 * @param roots other trees of the repository that single services are started from
 */
export async function startOrderServices(
  env: Partial<Record<OrderService, Record<string, string>>> = {},
  roots: Partial<Record<OrderService, string>> = {},
): Promise<OrderServices> {
  const postgres = await temporaryPostgres();
  const processes = {} as Record<OrderService, ServiceProcess>;
  const url = (name: OrderService) => processes[name]?.url ?? '';
  const grpcUrl = (name: OrderService) => processes[name]?.grpcUrl ?? '';
  const start = async (name: OrderService, ports: Record<string, string> = {}) => {
    const root = roots[name];
    const variables = {
      ...ports,
      CONTROL_TOKEN,
      DATABASE_URL: await postgres.database(name),
      CATALOG_URL: url('catalog'),
      PROVIDER_URL: url('unstable'),
      UNSTABLE_URL: url('unstable'),
      PAYMENTS_URL: url('payments'),
      CATALOG_GRPC_URL: grpcUrl('catalog'),
      PAYMENTS_GRPC_URL: grpcUrl('payments'),
      ORDERS_URL: url('orders'),
      NOTIFICATIONS_URL: NOWHERE,
      USERS_URL: NOWHERE,
      ...env[name],
    };
    processes[name] = await startService(name, variables, root === undefined ? {} : { root });
  };
  const stop = async () => {
    // From the edge inwards, so that nobody misses a peer it is still asking.
    for (const name of ORDER_SERVICES.toReversed()) await processes[name]?.stop();
    await postgres.stop();
  };
  try {
    await Promise.all([start('catalog'), start('unstable').then(() => start('payments'))]);
    await start('orders');
    await start('gateway');
  } catch (error) {
    await stop();
    throw error;
  }
  const requesters = (to: (name: OrderService) => string) =>
    Object.fromEntries(ORDER_SERVICES.map((name) => [name, requester(to(name))])) as Record<
      OrderService,
      Requester
    >;
  const operate = requesters((name) => processes[name].operationsUrl);
  return {
    processes,
    ask: requesters(url),
    operate,
    control: (method, path, options = {}) =>
      operate.unstable(method, path, {
        ...options,
        headers: { authorization: `Bearer ${CONTROL_TOKEN}`, ...options.headers },
      }),
    crash: (name) => processes[name].stop('SIGKILL'),
    restart: (name) =>
      start(name, {
        PORT: new URL(url(name)).port,
        OPERATIONS_PORT: new URL(processes[name].operationsUrl).port,
        ...(processes[name].grpcUrl ? { GRPC_PORT: new URL(grpcUrl(name)).port } : {}),
      }),
    stop,
  };
}

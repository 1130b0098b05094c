/**
 * Orders as tests meet it: over a real database, between a catalog and payments that do as told.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import {
  CATALOG_ERRORS,
  PAYMENT_CODES,
  type PaymentRequestV2,
  paymentRequestV2,
  type ReservationRequest,
  reservationRequest,
} from '@breakwater/contracts';
import { temporaryPostgres } from '@breakwater/embedded-postgres';
import {
  AppError,
  ConflictError,
  DependencyTimeoutError,
  DependencyUnavailableError,
  type ErrorKind,
  NotFoundError,
  ValidationError,
} from '@breakwater/errors';
import { type Database, openDatabase } from '@breakwater/kit';
import { type DependencyOptions, Resilience } from '@breakwater/resilience';
import { VirtualClock } from '@breakwater/resilience/testing';
import {
  type LogLine,
  type PeerServer,
  type Requester,
  requester,
  servePeer,
  testTelemetry,
} from '@breakwater/testing';
import type { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { Notifier } from './notifier.ts';
import type { Transaction } from './order-repository.ts';
import { createPeers } from './peers.ts';
import type { Reconciler } from './reconciler.ts';
import { type ScriptedPeer, serveScripted } from './scripted-peer.ts';

/** How many items the scripted catalog begins with. */
export const STOCK = 100;

/** A peer's error: its family's kind under the peer's own code. */
function peerError(kind: ErrorKind, code: string): AppError {
  return new AppError('The peer says no.', { kind: { ...kind, code } });
}

/** Answers of peers. */
export const ERRORS = {
  declined: peerError(ConflictError.kind, PAYMENT_CODES.declined),
  notCharged: peerError(DependencyUnavailableError.kind, PAYMENT_CODES.providerUnavailable),
  unknown: peerError(DependencyTimeoutError.kind, PAYMENT_CODES.outcomeUnknown),
  unavailable: peerError(DependencyUnavailableError.kind, 'DATABASE_UNAVAILABLE'),
  misunderstood: new ValidationError('The body is no such thing.'),
};

/** A catalog of one item, `item1`, that keeps count. */
export interface ScriptedCatalog extends PeerServer {
  stock: number;
  readonly reservations: ReservationRequest[];
  readonly releases: { orderId: string; attempt: number }[];
  /** Answered in place of everything while set. */
  failure: AppError | undefined;
}

/** Payments that charge each order at most once. */
export interface ScriptedPayments extends PeerServer {
  readonly requests: PaymentRequestV2[];
  readonly charged: Set<string>;
  /** Answers a request, and charges or not. */
  answer: (charge: () => Response) => Response | Promise<Response>;
}

/** What a test needs to drive orders. */
export interface TestApp {
  readonly request: Requester;
  readonly database: Database;
  readonly url: string;
  readonly catalog: ScriptedCatalog;
  readonly payments: ScriptedPayments;
  readonly notifications: ScriptedPeer;
  readonly users: ScriptedPeer;
  readonly notifier: Notifier;
  readonly reconciler: Reconciler;
  /** Orders somebody promised to come back to. */
  readonly queued: string[];
  readonly lines: LogLine[];
  readonly registry: Registry;
  /** Peers do as they should again, and what was queued is forgotten. */
  reset(): void;
  stop(): Promise<void>;
}

/** What a test wants otherwise than the service. */
export interface TestAppOptions {
  readonly leaseMs?: number;
}

/** Each answer of a peer stands for itself: nothing is retried and no circuit opens. */
const PLAIN: DependencyOptions = { timeoutMs: 1_000, retry: false, breaker: false };

/** Makes the app; it waits 1 s for a peer. */
export async function makeTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const postgres = await temporaryPostgres();
  const { logger, registry, lines } = testTelemetry('orders');
  const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
  const database = await openDatabase({ url: postgres.url, schema: {}, migrations, logger });
  const catalog = await serveCatalog();
  const payments = await servePayments();
  const notifications = await serveScripted('notifications', ({ body }) =>
    Response.json({ ...(body as object), id: 'n-1', status: 'sent' }, { status: 202 }),
  );
  const users = await serveScripted('users', () => Response.json({ name: 'Ann' }));
  const urls = {
    transport: 'rest' as const,
    catalogGrpcUrl: catalog.url,
    paymentsGrpcUrl: payments.url,
    catalogUrl: catalog.url,
    paymentsUrl: payments.url,
    notificationsUrl: notifications.url,
    usersUrl: users.url,
    usersReplicaUrl: users.url,
  };
  const queued: string[] = [];
  const app = createApp({
    database,
    peers: createPeers(urls, {
      policies: { catalog: PLAIN, payments: PLAIN, notifications: PLAIN, users: PLAIN },
      resilience: new Resilience({ metrics: false }),
    }),
    queue: {
      enqueue: async (orderIds: readonly string[], _within?: Transaction) => {
        queued.push(...orderIds);
      },
    },
    logger,
    registry,
    // A busy machine is not to miss a deadline.
    clock: new VirtualClock(),
    abandonedMs: 0,
    ...options,
  });
  return {
    request: requester(app.app),
    database,
    url: postgres.url,
    catalog,
    payments,
    notifications,
    users,
    notifier: app.notifier,
    reconciler: app.reconciler,
    queued,
    lines,
    registry,
    reset() {
      catalog.failure = undefined;
      catalog.reservations.length = 0;
      catalog.releases.length = 0;
      payments.requests.length = 0;
      payments.answer = (charge) => charge();
      notifications.reset();
      users.reset();
      queued.length = 0;
      lines.length = 0;
    },
    async stop() {
      await catalog.stop();
      await app.notifier.drain();
      for (const peer of [payments, notifications, users]) await peer.stop();
      await database.close();
      await postgres.stop();
    },
  };
}

async function serveCatalog(): Promise<ScriptedCatalog> {
  const peer = await servePeer('catalog');
  const held = new Map<string, number>();
  const catalog: ScriptedCatalog = Object.assign(peer, {
    stock: STOCK,
    reservations: [],
    releases: [],
    failure: undefined,
  });
  peer.app.post('/reservations', async (c) => {
    const request = reservationRequest.parse(await c.req.json());
    catalog.reservations.push(request);
    if (catalog.failure) throw catalog.failure;
    const { order_id, item_id, quantity } = request;
    if (item_id !== 'item1') throw new NotFoundError('item', item_id);
    if (!held.has(order_id)) {
      if (catalog.stock < quantity) {
        const kind = { ...ConflictError.kind, ...CATALOG_ERRORS.insufficientStock };
        throw new AppError('Not enough.', { kind, context: { available: catalog.stock } });
      }
      catalog.stock -= quantity;
      held.set(order_id, quantity);
    }
    return c.json({ ...request, unit_price_cents: 500, currency: 'EUR', status: 'reserved' }, 201);
  });
  peer.app.delete('/reservations/:id', (c) => {
    const orderId = c.req.param('id');
    catalog.releases.push({ orderId, attempt: Number(c.req.query('attempt')) });
    if (catalog.failure) throw catalog.failure;
    catalog.stock += held.get(orderId) ?? 0;
    held.delete(orderId);
    return c.body(null, 204);
  });
  return catalog;
}

async function servePayments(): Promise<ScriptedPayments> {
  const peer = await servePeer('payments');
  const payments: ScriptedPayments = Object.assign(peer, {
    requests: [],
    charged: new Set<string>(),
    answer: (charge: () => Response) => charge(),
  });
  peer.app.post('/v2/payments', async (c) => {
    const request = paymentRequestV2.parse(await c.req.json());
    payments.requests.push(request);
    return payments.answer(() => {
      payments.charged.add(request.order_id);
      const created_at = new Date().toISOString();
      return Response.json(
        { ...request, status: 'paid', charge_id: `charge-${request.order_id}`, created_at },
        { status: 201 },
      );
    });
  });
  return payments;
}

/** `payments.answer` that fails with one of {@link ERRORS} without charging. */
export function refuse(error: AppError): ScriptedPayments['answer'] {
  return () => {
    throw error;
  };
}

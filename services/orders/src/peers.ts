/**
 * The services that orders asks.
 *
 * @module
 */

import { PEER_BREAKER, wasNotSent } from '@breakwater/client';
import { type NotificationRequest, notification } from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';
import { type Catalog, catalogOverGrpc, catalogOverRest } from './catalog.ts';
import { type Payments, paymentsOverGrpc, paymentsOverRest } from './payments.ts';
import { connectUsers, type Users } from './users.ts';

/** Messages to users. */
export interface Notifications {
  notify(request: NotificationRequest): Promise<unknown>;
}

/** What orders asks of its peers. */
export interface Peers {
  readonly catalog: Catalog;
  readonly payments: Payments;
  readonly notifications: Notifications;
  readonly users: Users;
}

/** A peer of REST: where it is, and its policy. */
export interface RestPeer {
  readonly baseUrl: string;
  readonly policy: DependencyOptions;
  readonly resilience: Resilience;
}

/** A peer of gRPC: where it is, and its policy. */
export interface GrpcPeer extends Omit<RestPeer, 'baseUrl'> {
  readonly url: string;
}

/** Payments' own wait for the provider is shorter, the gateway's for us longer. */
const POLICIES = {
  catalog: { timeoutMs: 1_000, retry: { attempts: 2 }, breaker: PEER_BREAKER },
  payments: { timeoutMs: 2_500, retry: { attempts: 2, on: wasNotSent }, breaker: PEER_BREAKER },
  // Nobody waits for these: few at once, soon given up, and what finds no place is dropped.
  notifications: {
    timeoutMs: 1_000,
    retry: false,
    breaker: PEER_BREAKER,
    bulkhead: { concurrent: 10, queue: 20, longestWaitMs: 500 },
  },
  // An order without a name is better than one that comes late.
  users: { timeoutMs: 300, retry: false, breaker: PEER_BREAKER },
} satisfies Record<string, DependencyOptions>;

/** Where the policies are declared, and what a test wants otherwise. */
export interface PeerOptions {
  readonly policies?: Partial<Record<keyof typeof POLICIES, DependencyOptions>>;
  /** The dependencies of the service. */
  readonly resilience: Resilience;
}

/** Where the peers are, and how catalog and payments are asked. */
export interface PeerUrls {
  readonly transport: 'rest' | 'grpc';
  readonly catalogGrpcUrl: string;
  readonly paymentsGrpcUrl: string;
  readonly catalogUrl: string;
  readonly paymentsUrl: string;
  readonly notificationsUrl: string;
  readonly usersUrl: string;
  readonly usersReplicaUrl: string;
}

/** Makes the clients, each behind its dependency's policy. */
export function createPeers(urls: PeerUrls, { policies, ...shared }: PeerOptions): Peers {
  const { transport } = urls;
  const catalogPolicy = { ...POLICIES.catalog, ...policies?.catalog };
  const paymentsPolicy = { ...POLICIES.payments, ...policies?.payments };
  const notifications = createClient({
    name: 'notifications',
    baseUrl: urls.notificationsUrl,
    policy: { ...POLICIES.notifications, ...policies?.notifications },
    ...shared,
  });
  return {
    catalog:
      transport === 'grpc'
        ? catalogOverGrpc({ url: urls.catalogGrpcUrl, policy: catalogPolicy, ...shared })
        : catalogOverRest({ baseUrl: urls.catalogUrl, policy: catalogPolicy, ...shared }),
    payments:
      transport === 'grpc'
        ? paymentsOverGrpc({ url: urls.paymentsGrpcUrl, policy: paymentsPolicy, ...shared })
        : paymentsOverRest({ baseUrl: urls.paymentsUrl, policy: paymentsPolicy, ...shared }),
    notifications: {
      notify: (body) =>
        notifications.call({
          method: 'POST',
          path: '/notifications',
          body,
          response: notification,
        }),
    },
    users: connectUsers(urls, { ...POLICIES.users, ...policies?.users }, shared),
  };
}

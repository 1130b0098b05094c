/**
 * The services that orders asks.
 *
 * @module
 */

import { PEER_BREAKER, wasNotSent } from '@breakwater/client';
import {
  type NotificationRequest,
  notification,
  type Payment,
  type PaymentRequest,
  payment,
  type Reservation,
  type ReservationRequest,
  reservation,
} from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';
import { z } from 'zod';
import { connectUsers, type Users } from './users.ts';

/** Stock; see the contract of catalog for what a repeat means. */
export interface Catalog {
  reserve(request: ReservationRequest): Promise<Reservation>;
  release(orderId: string, attempt: number): Promise<void>;
}

/** Money; idempotent by `order_id`. */
export interface Payments {
  pay(request: PaymentRequest): Promise<Payment>;
}

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

/** Where the peers are. */
export interface PeerUrls {
  readonly catalogUrl: string;
  readonly paymentsUrl: string;
  readonly notificationsUrl: string;
  readonly usersUrl: string;
  readonly usersReplicaUrl: string;
}

/** Makes the clients, each behind its dependency's policy. */
export function createPeers(urls: PeerUrls, { policies, ...shared }: PeerOptions): Peers {
  const catalog = createClient({
    name: 'catalog',
    baseUrl: urls.catalogUrl,
    policy: { ...POLICIES.catalog, ...policies?.catalog },
    ...shared,
  });
  const payments = createClient({
    name: 'payments',
    baseUrl: urls.paymentsUrl,
    policy: { ...POLICIES.payments, ...policies?.payments },
    ...shared,
  });
  const notifications = createClient({
    name: 'notifications',
    baseUrl: urls.notificationsUrl,
    policy: { ...POLICIES.notifications, ...policies?.notifications },
    ...shared,
  });
  return {
    catalog: {
      reserve: (body) =>
        catalog.call({
          method: 'POST',
          path: '/reservations',
          body,
          response: reservation,
          // By order and attempt, as the contract of catalog says.
          idempotent: true,
        }),
      release: (orderId, attempt) =>
        catalog.call({
          method: 'DELETE',
          path: `/reservations/${orderId}?attempt=${attempt}`,
          response: z.undefined(),
        }),
    },
    payments: {
      pay: (body) =>
        payments.call({
          method: 'POST',
          path: '/payments',
          body,
          response: payment,
          // By order, as the contract of payments says.
          idempotent: true,
        }),
    },
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

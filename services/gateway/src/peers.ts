/**
 * The services that the gateway asks.
 *
 * @module
 */

import { fromPeer, PEER_BREAKER, type PeerAnswer, wasNotSent } from '@breakwater/client';
import {
  type Item,
  type ItemList,
  item,
  itemList,
  type Order,
  type OrderRequest,
  order,
  type User,
  type UserRequest,
  user,
} from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';

/** What the gateway asks of its peers; each throws the error that the gateway answers with. */
export interface Peers {
  listItems(page: { limit: number; offset: number }): Promise<ItemList>;
  getItem(id: string): Promise<Item>;
  /** @param prefer the client's `Prefer` header */
  placeOrder(
    request: OrderRequest,
    idempotencyKey: string,
    prefer: string | undefined,
  ): Promise<PeerAnswer<Order>>;
  getOrder(id: string): Promise<Order>;
  createUser(request: UserRequest): Promise<PeerAnswer<User>>;
  getUser(id: string): Promise<User>;
}

/** The wait for orders is longer than its own for payments, and shorter than our deadline. */
const POLICIES = {
  catalog: { timeoutMs: 1_000, retry: { attempts: 2 }, breaker: PEER_BREAKER },
  orders: { timeoutMs: 3_500, retry: { attempts: 2, on: wasNotSent }, breaker: PEER_BREAKER },
  users: { timeoutMs: 1_000, retry: { attempts: 2 }, breaker: PEER_BREAKER },
} satisfies Record<string, DependencyOptions>;

/** What of a peer's context a client of the gateway needs. */
const KEEP = ['order_id'];

/** @param resilience where the policies are declared: the dependencies of the service */
export function createPeers(
  urls: { catalogUrl: string; ordersUrl: string; usersUrl: string },
  resilience: Resilience,
): Peers {
  const catalog = createClient({
    name: 'catalog',
    baseUrl: urls.catalogUrl,
    policy: POLICIES.catalog,
    resilience,
  });
  const orders = createClient({
    name: 'orders',
    baseUrl: urls.ordersUrl,
    policy: POLICIES.orders,
    resilience,
  });
  const users = createClient({
    name: 'users',
    baseUrl: urls.usersUrl,
    policy: POLICIES.users,
    resilience,
  });
  return {
    listItems: ({ limit, offset }) =>
      ask('catalog', () =>
        catalog.call({
          method: 'GET',
          path: `/items?limit=${limit}&offset=${offset}`,
          response: itemList,
        }),
      ),
    getItem: (id) =>
      ask('catalog', () => catalog.call({ method: 'GET', path: `/items/${id}`, response: item })),
    placeOrder: (body, idempotencyKey, prefer) =>
      ask('orders', () =>
        orders.exchange({
          method: 'POST',
          path: '/orders',
          body,
          response: order,
          idempotencyKey,
          ...(prefer === undefined ? {} : { headers: { prefer } }),
        }),
      ),
    getOrder: (id) =>
      ask('orders', () => orders.call({ method: 'GET', path: `/orders/${id}`, response: order })),
    createUser: (body) =>
      ask('users', () => users.exchange({ method: 'POST', path: '/users', body, response: user })),
    getUser: (id) =>
      ask('users', () => users.call({ method: 'GET', path: `/users/${id}`, response: user })),
  };
}

/** @throws the peer's error as it reads to a client of the gateway */
async function ask<T>(peer: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromPeer(peer, error, KEEP);
  }
}

/**
 * The services that the gateway asks.
 *
 * @module
 */
import {
  type Item,
  type ItemList,
  item,
  itemList,
  type Order,
  type OrderRequest,
  order,
} from '@breakwater/contracts';
import { createClient, fromPeer, type PeerAnswer } from '@breakwater/service';

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
}

/** Milliseconds; the wait for orders is longer than its own for payments, and below our deadline. */
const TIMEOUTS_MS = { catalog: 1_000, orders: 3_500 };

/** What of a peer's context a client of the gateway needs. */
const KEEP = ['order_id'];

export function createPeers(urls: { catalogUrl: string; ordersUrl: string }): Peers {
  const catalog = createClient({
    name: 'catalog',
    baseUrl: urls.catalogUrl,
    timeoutMs: TIMEOUTS_MS.catalog,
  });
  const orders = createClient({
    name: 'orders',
    baseUrl: urls.ordersUrl,
    timeoutMs: TIMEOUTS_MS.orders,
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

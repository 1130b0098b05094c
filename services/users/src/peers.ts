/**
 * The service that users asks.
 *
 * @module
 */

import { fromPeer } from '@breakwater/client';
import { orderList } from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';

/** What users asks of its peers; each throws the error that users answers with. */
export interface Peers {
  /** How many orders a user has. */
  countOrders(userId: string): Promise<number>;
}

const ORDERS: DependencyOptions = { timeoutMs: 1_000, retry: { attempts: 2 } };

/** @param resilience where the policy is declared: the dependencies of the service */
export function createPeers({ ordersUrl }: { ordersUrl: string }, resilience: Resilience): Peers {
  const orders = createClient({
    name: 'orders',
    baseUrl: ordersUrl,
    policy: ORDERS,
    resilience,
  });
  return {
    async countOrders(userId) {
      try {
        const path = `/orders?user_id=${userId}&limit=1`;
        return (await orders.call({ method: 'GET', path, response: orderList })).total;
      } catch (error) {
        throw fromPeer('orders', error);
      }
    },
  };
}

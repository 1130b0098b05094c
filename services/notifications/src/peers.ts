/**
 * What notifications sends its messages through.
 *
 * @module
 */

import { fromPeer } from '@breakwater/client';
import { type Delivery, type DeliveryRequest, delivery } from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';

/** The outside world, as far as it takes messages. */
export interface DeliveryService {
  /** @throws the error that notifications answers with */
  send(message: DeliveryRequest): Promise<Delivery>;
}

const DELIVERY = 'delivery';

/**
 * A message that may have been taken is not sent again: nobody wants it twice. A slow outside world
 * takes twenty requests and no more with it.
 */
const POLICY: DependencyOptions = {
  timeoutMs: 1_500,
  retry: { attempts: 2 },
  bulkhead: { concurrent: 20, queue: 0 },
};

/** @param resilience where the policy is declared: the dependencies of the service */
export function connectDelivery(baseUrl: string, resilience: Resilience): DeliveryService {
  const client = createClient({
    name: DELIVERY,
    baseUrl,
    policy: POLICY,
    resilience,
  });
  return {
    async send(body) {
      try {
        return await client.call({ method: 'POST', path: '/deliveries', body, response: delivery });
      } catch (error) {
        throw fromPeer(DELIVERY, error);
      }
    },
  };
}

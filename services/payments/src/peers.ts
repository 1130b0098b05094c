/**
 * The peers of payments: the provider.
 *
 * @module
 */
import {
  type Charge,
  charge,
  type PaymentRequestV2 as PaymentRequest,
} from '@breakwater/contracts';
import { createClient } from '@breakwater/kit';
import type { DependencyOptions, Resilience } from '@breakwater/resilience';
import { PROVIDER } from './errors.ts';

/** The payment provider. */
export interface Provider {
  /**
   * Charges for an order, at most once however often it is called.
   *
   * @throws {AppError} as `Client.call` does; {@link classifyFailure} says what each means.
   */
  charge(request: PaymentRequest): Promise<Charge>;
}

/**
 * Two attempts of a second fit into what orders waits for payments. The provider charges once a
 * key, so a repeat does no harm.
 */
export const PROVIDER_POLICY: DependencyOptions = {
  timeoutMs: 1_000,
  retry: { attempts: 2, backoff: { initialMs: 50, maxMs: 200 } },
  breaker: {
    trip: { kind: 'sampling', windowMs: 10_000, threshold: 0.5, minimumCalls: 10 },
    openMs: 5_000,
    halfOpen: { calls: 3, successes: 2 },
  },
};

/** Makes the client of the provider at `baseUrl`. */
export function connectProvider(
  baseUrl: string,
  options: { readonly policy?: DependencyOptions; readonly resilience: Resilience },
): Provider {
  const client = createClient({ name: PROVIDER, baseUrl, policy: PROVIDER_POLICY, ...options });
  return {
    charge: ({ order_id, amount }) =>
      client.call({
        method: 'POST',
        path: '/charges',
        idempotencyKey: order_id,
        body: {
          amount_cents: amount.minor_units,
          currency: amount.currency,
          reference: order_id,
        },
        response: charge,
      }),
  };
}

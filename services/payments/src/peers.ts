/**
 * The peers of payments: the provider.
 *
 * @module
 */
import { type Charge, charge, type PaymentRequest } from '@breakwater/contracts';
import { createClient } from '@breakwater/service';
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

/** Longest wait for the provider, in milliseconds; below what orders waits for payments. */
export const PROVIDER_TIMEOUT_MS = 1_500;

/** Makes the client of the provider at `baseUrl`. */
export function connectProvider(baseUrl: string, timeoutMs = PROVIDER_TIMEOUT_MS): Provider {
  const client = createClient({ name: PROVIDER, baseUrl, timeoutMs });
  return {
    charge: ({ order_id, ...amount }) =>
      client.call({
        method: 'POST',
        path: '/charges',
        idempotencyKey: order_id,
        body: { ...amount, reference: order_id },
        response: charge,
      }),
  };
}

/**
 * The services that orders asks.
 *
 * @module
 */
import {
  type Payment,
  type PaymentRequest,
  payment,
  type Reservation,
  type ReservationRequest,
  reservation,
} from '@breakwater/contracts';
import { createClient } from '@breakwater/service';
import { z } from 'zod';

/** Stock; see the contract of catalog for what a repeat means. */
export interface Catalog {
  reserve(request: ReservationRequest): Promise<Reservation>;
  release(orderId: string, attempt: number): Promise<void>;
}

/** Money; idempotent by `order_id`. */
export interface Payments {
  pay(request: PaymentRequest): Promise<Payment>;
}

export interface Peers {
  readonly catalog: Catalog;
  readonly payments: Payments;
}

/** Milliseconds; payments' own wait for the provider is shorter, the gateway's for us longer. */
const TIMEOUTS_MS = { catalog: 1_000, payments: 2_500 };

export function createPeers(
  urls: { catalogUrl: string; paymentsUrl: string },
  timeoutsMs = TIMEOUTS_MS,
): Peers {
  const catalog = createClient({
    name: 'catalog',
    baseUrl: urls.catalogUrl,
    timeoutMs: timeoutsMs.catalog,
  });
  const payments = createClient({
    name: 'payments',
    baseUrl: urls.paymentsUrl,
    timeoutMs: timeoutsMs.payments,
  });
  return {
    catalog: {
      reserve: (body) =>
        catalog.call({ method: 'POST', path: '/reservations', body, response: reservation }),
      release: (orderId, attempt) =>
        catalog.call({
          method: 'DELETE',
          path: `/reservations/${orderId}?attempt=${attempt}`,
          response: z.undefined(),
        }),
    },
    payments: {
      pay: (body) => payments.call({ method: 'POST', path: '/payments', body, response: payment }),
    },
  };
}

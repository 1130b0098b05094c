/**
 * What payments agrees on with those who take payment for an order.
 *
 * @module
 */
import { z } from 'zod';
import { amountCents, currency, id, timestamp } from './values.ts';

/**
 * Version 1 says amounts in hundredths, which not every currency has; version 2 can say all. Since
 * and until when, in UTC: whoever still uses it is told, and after its end there is only version 2.
 */
export const PAYMENTS_V1_LIFE = {
  deprecatedAt: '2026-11-25T00:00:00.000Z',
  sunsetAt: '2027-05-25T00:00:00.000Z',
} as const;

/** Error codes of payments that its clients tell apart. */
export const PAYMENT_CODES = {
  /** 409: the provider declined; final for this order. */
  declined: 'PAYMENT_DECLINED',
  /** 409: the order was paid for, or tried, with another amount or currency. */
  mismatch: 'PAYMENT_MISMATCH',
  /** 409, version 1 only: the amount makes no whole hundredths of its currency, or none else can say it. */
  notRepresentable: 'AMOUNT_NOT_REPRESENTABLE',
  /** 503: the provider is unavailable, and the order is certainly not charged. */
  providerUnavailable: 'PROVIDER_UNAVAILABLE',
  /** 502: the provider failed, and the order is certainly not charged. */
  providerError: 'PROVIDER_ERROR',
  /** 504: whether the order is charged is not known; a repeat finds out and never charges twice. */
  outcomeUnknown: 'PAYMENT_OUTCOME_UNKNOWN',
} as const;

/** What `PAYMENT_DECLINED` says, to those who pass it on: 409. */
export const PAYMENT_DECLINED = {
  name: 'PaymentDeclinedError',
  code: PAYMENT_CODES.declined,
  meaning: 'The payment was declined; nothing was charged.',
  client: 'Place a new order with another means of payment.',
} as const;

/**
 * The technical errors after which the order is certainly not charged, not even by an earlier
 * request: payments remembers the attempts whose outcome it does not know. Every other error but
 * `PAYMENT_DECLINED`, of payments or on the way to it, leaves the outcome unknown. A request that
 * was never sent proves nothing when an earlier one for the same order may have arrived.
 */
export const NOT_CHARGED_CODES: ReadonlySet<string> = new Set([
  PAYMENT_CODES.providerUnavailable,
  PAYMENT_CODES.providerError,
]);

/** Body of `POST /payments`, which is idempotent by `order_id`. */
export const paymentRequest = z.strictObject({
  order_id: id,
  amount_cents: amountCents,
  currency,
});
export type PaymentRequest = z.infer<typeof paymentRequest>;

/** Answer of `POST /payments`: 201 when the order was paid now, 200 when it was paid before. */
export const payment = z.object({
  order_id: id,
  status: z.literal('paid'),
  /** The charge in the provider's ledger. */
  charge_id: id,
  amount_cents: amountCents,
  currency,
  created_at: timestamp,
});
export type Payment = z.infer<typeof payment>;

/** Answer of `GET /payments/:order_id`: what payments knows, whatever the outcome. */
export const paymentRecord = z.object({
  order_id: id,
  status: z.enum(['paid', 'declined', 'not_charged', 'outcome_unknown']),
  /** Null unless the status is `paid`. */
  charge_id: id.nullable(),
  amount_cents: amountCents,
  currency,
  created_at: timestamp,
  updated_at: timestamp,
});
export type PaymentRecord = z.infer<typeof paymentRecord>;

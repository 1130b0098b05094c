/**
 * Version 2 of what payments agrees on: amounts are money, in the smallest unit of their currency.
 * The errors are those of version 1, but for `AMOUNT_NOT_REPRESENTABLE`.
 *
 * @module
 */
import { z } from 'zod';
import { id, money, timestamp } from './values.ts';

/** Body of `POST /v2/payments`, which is idempotent by `order_id`. */
export const paymentRequestV2 = z.strictObject({
  order_id: id,
  amount: z.strictObject(money.shape),
});
export type PaymentRequestV2 = z.infer<typeof paymentRequestV2>;

/** Response of `POST /v2/payments`: 201 when the order was paid now, 200 when it was paid before. */
export const paymentV2 = z.object({
  order_id: id,
  status: z.literal('paid'),
  /** The charge in the provider's ledger. */
  charge_id: id,
  amount: money,
  created_at: timestamp,
});
export type PaymentV2 = z.infer<typeof paymentV2>;

/** Response of `GET /v2/payments/:order_id`: what payments knows, whatever the outcome. */
export const paymentRecordV2 = z.object({
  order_id: id,
  status: z.enum(['paid', 'declined', 'not_charged', 'outcome_unknown']),
  /** Null unless the status is `paid`. */
  charge_id: id.nullable(),
  amount: money,
  created_at: timestamp,
  updated_at: timestamp,
});
export type PaymentRecordV2 = z.infer<typeof paymentRecordV2>;

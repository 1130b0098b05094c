/**
 * What the payment provider agrees on with those who charge through it.
 *
 * An answer with an error status means that the request made no charge. A missing, broken or
 * unreadable answer means nothing either way: repeat the request with the same `Idempotency-Key`,
 * which never charges twice, or look the charge up by that key.
 *
 * @module
 */
import { z } from 'zod';
import { amountCents, currency, IDEMPOTENCY_KEY_REUSED, id, timestamp } from './values.ts';

/** Error codes of the provider that its clients tell apart. */
export const PROVIDER_CODES = {
  /** 409: the card was declined; no charge was made, and none will be for this request. */
  cardDeclined: 'CARD_DECLINED',
  /** 409: the key was used before, for a charge with another body. */
  keyReused: IDEMPOTENCY_KEY_REUSED.code,
  /** 400: `POST /charges` needs the header `Idempotency-Key`. */
  keyMissing: 'IDEMPOTENCY_KEY_MISSING',
} as const;

/** Body of `POST /charges`; the header `Idempotency-Key`, an {@link id}, comes with it. */
export const chargeRequest = z.strictObject({
  /** In the smallest unit of the currency, whatever its name says. */
  amount_cents: amountCents,
  currency,
  /** The client's own name for what is paid, such as an order id. */
  reference: id,
});
export type ChargeRequest = z.infer<typeof chargeRequest>;

/** A charge in the provider's ledger: 201 when it was made now, 200 when the key had made it. */
export const charge = z.object({
  id,
  status: z.literal('succeeded'),
  amount_cents: amountCents,
  currency,
  reference: id,
  created_at: timestamp,
});
export type Charge = z.infer<typeof charge>;

/** Answer of `GET /charges?reference=`: every charge made for a reference, oldest first. */
export const chargeList = z.object({ charges: z.array(charge) });
export type ChargeList = z.infer<typeof chargeList>;

/** Body of `POST /deliveries`: a message for one recipient. */
export const deliveryRequest = z.strictObject({
  /** An address the outside world knows, such as an e-mail address. */
  to: z.string().min(1).max(320),
  subject: z.string().min(1).max(200),
  body: z.string().min(1).max(10_000),
});
export type DeliveryRequest = z.infer<typeof deliveryRequest>;

/** Answer of `POST /deliveries`, 202: the message was taken; when it arrives is not known. */
export const delivery = z.object({ id, status: z.literal('accepted') });
export type Delivery = z.infer<typeof delivery>;

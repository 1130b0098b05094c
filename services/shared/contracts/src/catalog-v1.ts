/**
 * What catalog agrees on with those who show its items and reserve its stock.
 *
 * A reservation belongs to one order. Every request names the order's `attempt`, which grows each
 * time the order is taken up again: a request that arrives late, after its attempt was given up,
 * cannot undo what a later attempt did.
 *
 * @module
 */
import { z } from 'zod';
import { amountCents, currency, id, inDigits, limit, offset, quantity } from './values.ts';

/** Errors of catalog that its clients tell apart or pass on: code and meaning. */
export const CATALOG_ERRORS = {
  /** 409, context `{item_id, requested, available}`. */
  insufficientStock: {
    name: 'InsufficientStockError',
    code: 'INSUFFICIENT_STOCK',
    meaning: 'Fewer items are in stock than were asked for.',
  },
  /** 409. */
  reservationMismatch: {
    name: 'ReservationMismatchError',
    code: 'RESERVATION_MISMATCH',
    meaning: 'The order has a reservation already, of another item or quantity.',
  },
  /** 409. */
  reservationAbandoned: {
    name: 'ReservationAbandonedError',
    code: 'RESERVATION_ABANDONED',
    meaning: 'The attempt at the order that asked for this reservation was given up before.',
  },
} as const;

/** Something that can be ordered. */
export const item = z.object({
  id,
  name: z.string(),
  price_cents: amountCents,
  currency,
  stock: z.int().min(0),
});
export type Item = z.infer<typeof item>;

/** Query of `GET /items`. */
export const itemQuery = z.strictObject({ limit, offset });

/** Answer of `GET /items`, by id; `total` counts all items. */
export const itemList = z.object({ items: z.array(item), total: z.int().min(0) });
export type ItemList = z.infer<typeof itemList>;

/** Which attempt at its order a request belongs to; 1 is the first. */
export const attempt = z.int().min(1);

/** Body of `POST /reservations`, which is idempotent by `order_id`. */
export const reservationRequest = z.strictObject({
  order_id: id,
  item_id: id,
  quantity,
  attempt,
});
export type ReservationRequest = z.infer<typeof reservationRequest>;

/** Query of `DELETE /reservations/:order_id`. */
export const releaseQuery = z.strictObject({ attempt: inDigits(attempt) });

/** Stock kept for an order: 201 when it was reserved now, 200 when it was reserved before. */
export const reservation = z.object({
  order_id: id,
  item_id: id,
  quantity,
  unit_price_cents: amountCents,
  currency,
  status: z.enum(['reserved', 'released']),
  attempt,
});
export type Reservation = z.infer<typeof reservation>;

/**
 * What orders agrees on with those who place orders and ask about them.
 *
 * @module
 */
import { z } from 'zod';
import {
  amountCents,
  currency,
  IDEMPOTENCY_KEY_REUSED,
  id,
  idempotencyKey,
  limit,
  offset,
  quantity,
  timestamp,
} from './values.ts';

/** Errors of orders that its clients tell apart or pass on: code and meaning. */
export const ORDER_ERRORS = {
  /** 409. */
  inProgress: {
    name: 'OrderInProgressError',
    code: 'ORDER_IN_PROGRESS',
    meaning: 'Another request is settling this order at this moment.',
    client: 'Ask for the order, or repeat the request a few seconds later.',
  },
  /** 409. */
  keyReused: IDEMPOTENCY_KEY_REUSED,
  /** 504, context `{order_id}`. */
  paymentPending: {
    name: 'PaymentPendingError',
    code: 'PAYMENT_PENDING',
    meaning: 'Whether the order is paid is not known yet; it is not lost, and never charged twice.',
    client: 'Ask for the order, or repeat the request with the same Idempotency-Key.',
    operator: 'The order is settled as soon as payments answers; look at its error lines.',
  },
} as const;

/**
 * Where an order stands. `paid` and `rejected` are final. `failed` (before payment) and
 * `payment_failed` charged nothing; the same request may try again. `pending` is being settled,
 * and `payment_pending` waits for word from payments; both are settled without the client's help.
 */
export const orderStatus = z.enum([
  'pending',
  'paid',
  'rejected',
  'failed',
  'payment_failed',
  'payment_pending',
]);
export type OrderStatus = z.infer<typeof orderStatus>;

/** Body of `POST /orders`. */
export const orderRequest = z.strictObject({ user_id: id, item_id: id, quantity });
export type OrderRequest = z.infer<typeof orderRequest>;

/**
 * Headers of `POST /orders`: the same key is the same order, however often it is sent; with
 * `Prefer: respond-async` an unknown payment is answered with 202 in place of 504 (RFC 7240).
 */
export const orderHeaders = z.object({
  'idempotency-key': idempotencyKey.optional(),
  prefer: z.string().max(200).optional(),
});

/** Whether a `Prefer` header asks not to be kept waiting. */
export function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '').split(',').some((part) => /^\s*respond-async\s*(;|$)/i.test(part));
}

/** The header, `true`, of an answer that repeats an earlier one. */
export const REPLAY_HEADER = 'idempotent-replay';

/** Who ordered, as far as it could be found out. */
export const orderUser = z.object({
  /** `Unknown` unless the status is `known`. */
  name: z.string(),
  /** `not_found`: users knows no such user. `degraded`: nobody could be asked. */
  status: z.enum(['known', 'not_found', 'degraded']),
  /** Who told: users, its second replica, an answer of a moment ago, an old one, or nobody. */
  source: z.enum(['primary', 'fallback', 'cache', 'stale', 'degraded']),
});
export type OrderUser = z.infer<typeof orderUser>;

/** An order: 201 when it was placed now, 200 when it was placed before. */
export const order = z.object({
  id,
  user_id: id,
  item_id: id,
  quantity,
  /** Null until stock is reserved: the price is not known before. */
  total_cents: amountCents.nullable(),
  currency: currency.nullable(),
  status: orderStatus,
  /** Why the order is not paid; null when it is, or when nothing went wrong yet. */
  error_code: z.string().nullable(),
  created_at: timestamp,
  updated_at: timestamp,
  /** In the answer of `GET /orders/:id` only. */
  user: orderUser.optional(),
});
export type Order = z.infer<typeof order>;

/** Query of `GET /orders`. */
export const orderQuery = z.strictObject({
  status: orderStatus.optional(),
  user_id: id.optional(),
  limit,
  offset,
});

/** Answer of `GET /orders`, newest first; `total` counts all that match. */
export const orderList = z.object({ orders: z.array(order), total: z.int().min(0) });
export type OrderList = z.infer<typeof orderList>;

/**
 * `POST /orders`, `GET /orders` and `GET /orders/{id}`.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { PEER_ERRORS } from '@breakwater/client';
import {
  id,
  MAX_LIMIT,
  type Order,
  order,
  orderHeaders,
  orderList,
  orderQuery,
  orderRequest,
  prefersAsync,
  REPLAY_HEADER,
} from '@breakwater/contracts';
import { LimitTooLargeError, NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import {
  IdempotencyKeyReusedError,
  OrderInProgressError,
  PaymentPendingError,
  REJECTIONS,
} from '../errors.ts';
import type { OrderRepository } from '../order-repository.ts';
import type { OrderPlacement } from '../place-order.ts';
import type { OrderRow } from '../schema.ts';
import type { Users } from '../users.ts';

const placeOrder = route({
  method: 'post',
  path: '/orders',
  summary: 'Place an order: reserve its stock and take payment',
  request: { headers: orderHeaders, body: body(orderRequest) },
  responses: {
    200: json(order, 'The order was paid before; Idempotent-Replay is true.'),
    201: json(order, 'The order is paid.'),
    202: json(order, 'With Prefer: respond-async: the payment is not known yet.'),
  },
  errors: [
    ...REJECTIONS.values(),
    IdempotencyKeyReusedError,
    OrderInProgressError,
    PaymentPendingError,
    ...PEER_ERRORS,
  ],
});

const getOrder = route({
  method: 'get',
  path: '/orders/{id}',
  summary: 'One order, where it stands, and who placed it',
  description:
    'The user is told from users, a replica, or an answer kept from before; the order never fails for want of a name.',
  request: { params: z.strictObject({ id }) },
  responses: { 200: json(order, 'The order.') },
  errors: [NotFoundError.of('order')],
});

const listOrders = route({
  method: 'get',
  path: '/orders',
  summary: 'Orders, newest first; for operators and for those who keep users',
  request: { query: orderQuery },
  responses: { 200: json(orderList, 'Orders and how many there are in all.') },
  errors: [LimitTooLargeError],
});

/** Adds the operations on orders. */
export function mountOrders(
  app: Service['app'],
  orders: OrderRepository,
  placement: OrderPlacement,
  users: Users,
): void {
  app.openapi(placeOrder, async (c) => {
    const headers = c.req.valid('header');
    const key = headers['idempotency-key'] ?? randomUUID();
    try {
      const placed = await placement.place(c.req.valid('json'), key);
      c.header('location', `/orders/${placed.order.id}`);
      if (placed.replay) c.header(REPLAY_HEADER, 'true');
      return c.json(toOrder(placed.order), placed.replay ? 200 : 201);
    } catch (error) {
      if (!(error instanceof PaymentPendingError) || !prefersAsync(headers.prefer)) throw error;
      const pending = await orders.find(String(error.context.order_id));
      if (!pending) throw error;
      c.header('location', `/orders/${pending.id}`);
      c.header('preference-applied', 'respond-async');
      return c.json(toOrder(pending), 202);
    }
  });

  app.openapi(listOrders, async (c) => {
    const { limit, ...filter } = c.req.valid('query');
    if (limit > MAX_LIMIT) throw new LimitTooLargeError(limit, MAX_LIMIT);
    const { rows, total } = await orders.list({
      status: filter.status,
      userId: filter.user_id,
      limit,
      offset: filter.offset,
    });
    return c.json({ orders: rows.map(toOrder), total }, 200);
  });

  app.openapi(getOrder, async (c) => {
    const found = await orders.find(c.req.valid('param').id);
    if (!found) throw new NotFoundError('order', c.req.valid('param').id);
    return c.json({ ...toOrder(found), user: await users.find(found.userId) }, 200);
  });
}

function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    user_id: row.userId,
    item_id: row.itemId,
    quantity: row.quantity,
    total_cents: row.totalCents,
    currency: row.currency,
    status: row.status,
    error_code: row.errorCode,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

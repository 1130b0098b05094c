/**
 * `POST /orders` and `GET /orders/{id}`.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { PEER_ERRORS } from '@breakwater/client';
import { id, order, orderHeaders, orderRequest, REPLAY_HEADER } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import { ORDER_CONFLICTS } from '../errors.ts';
import type { Peers } from '../peers.ts';

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
  errors: [NotFoundError.of('item'), ...ORDER_CONFLICTS, ...PEER_ERRORS],
});

const getOrder = route({
  method: 'get',
  path: '/orders/{id}',
  summary: 'One order and where it stands',
  request: { params: z.strictObject({ id }) },
  responses: { 200: json(order, 'The order.') },
  errors: [NotFoundError.of('order'), ...PEER_ERRORS],
});

/** Headers of orders' answer that its client gets. */
const PASSED_ON = ['location', 'preference-applied', REPLAY_HEADER];

/** Adds the operations on orders. */
export function mountOrders(app: Service['app'], peers: Peers): void {
  app.openapi(placeOrder, async (c) => {
    const { 'idempotency-key': key = randomUUID(), prefer } = c.req.valid('header');
    const answer = await peers.placeOrder(c.req.valid('json'), key, prefer);
    for (const name of PASSED_ON) {
      const value = answer.headers.get(name);
      if (value !== null) c.header(name, value);
    }
    const status = answer.status === 200 || answer.status === 202 ? answer.status : 201;
    return c.json(answer.body, status);
  });

  app.openapi(getOrder, async (c) => c.json(await peers.getOrder(c.req.valid('param').id), 200));
}

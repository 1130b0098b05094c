/**
 * `POST /reservations`, `GET` and `DELETE /reservations/{order_id}`.
 *
 * @module
 */

import { id, releaseQuery, reservation, reservationRequest } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import {
  InsufficientStockError,
  ReservationAbandonedError,
  ReservationMismatchError,
} from '../errors.ts';
import type { ReservationRepository } from '../reservation-repository.ts';

const params = z.strictObject({ order_id: id });

const reserve = route({
  method: 'post',
  path: '/reservations',
  summary: 'Keep stock for an order',
  request: { body: body(reservationRequest) },
  responses: {
    200: json(reservation, 'The order had reserved this before.'),
    201: json(reservation, 'The stock is reserved.'),
  },
  errors: [
    NotFoundError.of('item'),
    InsufficientStockError,
    ReservationMismatchError,
    ReservationAbandonedError,
  ],
});

const release = route({
  method: 'delete',
  path: '/reservations/{order_id}',
  summary: 'Give the stock of an order back',
  request: { params, query: releaseQuery },
  responses: { 204: { description: 'The order has no stock reserved.' } },
});

const getReservation = route({
  method: 'get',
  path: '/reservations/{order_id}',
  summary: 'What an order has reserved',
  request: { params },
  responses: { 200: json(reservation, 'The reservation.') },
  errors: [NotFoundError.of('reservation')],
});

/** Adds the operations on reservations. */
export function mountReservations(app: Service['app'], reservations: ReservationRepository): void {
  app.openapi(reserve, async (c) => {
    const { reservation, created } = await reservations.reserve(c.req.valid('json'));
    return c.json(reservation, created ? 201 : 200);
  });
  app.openapi(release, async (c) => {
    await reservations.release(c.req.valid('param').order_id, c.req.valid('query').attempt);
    return c.body(null, 204);
  });
  app.openapi(getReservation, async (c) =>
    c.json(await reservations.get(c.req.valid('param').order_id), 200),
  );
}

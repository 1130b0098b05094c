/**
 * `breakwater.catalog.v1.CatalogService`: the operations of the REST routes over gRPC.
 *
 * @module
 */
import { id, itemQuery, reservationRequest } from '@breakwater/contracts';
import type { CatalogService } from '@breakwater/contracts/catalog/v1';
import { toItemMessage, toReservationMessage } from '@breakwater/contracts/protobuf';
import type { Handlers } from '@breakwater/grpc';
import { parseMessage } from '@breakwater/kit';
import type { ItemRepository } from '../item-repository.ts';
import type { ReservationRepository } from '../reservation-repository.ts';

const releaseRequest = reservationRequest.pick({ order_id: true, attempt: true });

/** Responds to the calls. */
export function catalogHandlers(
  items: ItemRepository,
  reservations: ReservationRepository,
): Handlers<typeof CatalogService> {
  return {
    async listItems(page) {
      const asked = parseMessage(itemQuery, { limit: page.limit, offset: page.offset });
      const list = await items.list(asked.limit, asked.offset);
      return { items: list.items.map(toItemMessage), total: list.total };
    },
    async getItem(message) {
      return { item: toItemMessage(await items.get(parseMessage(id, message.id))) };
    },
    async reserveStock({ orderId, itemId, quantity, attempt }) {
      const asked = { order_id: orderId, item_id: itemId, quantity, attempt };
      const made = await reservations.reserve(parseMessage(reservationRequest, asked));
      return { reservation: toReservationMessage(made.reservation), created: made.created };
    },
    async releaseStock({ orderId, attempt }) {
      const asked = parseMessage(releaseRequest, { order_id: orderId, attempt });
      await reservations.release(asked.order_id, asked.attempt);
      return {};
    },
    async getReservation({ orderId }) {
      const reservation = await reservations.get(parseMessage(id, orderId));
      return { reservation: toReservationMessage(reservation) };
    },
  };
}

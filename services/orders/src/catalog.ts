/**
 * Catalog as orders asks it, over REST or gRPC.
 *
 * @module
 */
import { type Reservation, type ReservationRequest, reservation } from '@breakwater/contracts';
import { CatalogService } from '@breakwater/contracts/catalog/v1';
import { fromReservationMessage } from '@breakwater/contracts/protobuf';
import { createClient, createGrpcClient } from '@breakwater/kit';
import { z } from 'zod';
import type { GrpcPeer, RestPeer } from './peers.ts';

/** Stock; see the contract of catalog for what a repeat means. */
export interface Catalog {
  reserve(request: ReservationRequest): Promise<Reservation>;
  release(orderId: string, attempt: number): Promise<void>;
}

/** By order and attempt, as the contract of catalog says. */
const idempotent = true;

export function catalogOverRest(peer: RestPeer): Catalog {
  const client = createClient({ name: 'catalog', ...peer });
  return {
    reserve: (body) =>
      client.call({
        ...{ method: 'POST', path: '/reservations', body, response: reservation, idempotent },
      }),
    release: (orderId, attempt) =>
      client.call({
        method: 'DELETE',
        path: `/reservations/${orderId}?attempt=${attempt}`,
        response: z.undefined(),
      }),
  };
}

export function catalogOverGrpc(peer: GrpcPeer): Catalog {
  const client = createGrpcClient({ name: 'catalog', ...peer });
  const { reserveStock, releaseStock } = CatalogService.method;
  return {
    reserve: ({ order_id, item_id, quantity, attempt }) =>
      client.call(
        reserveStock,
        { orderId: order_id, itemId: item_id, quantity, attempt },
        { idempotent, read: (told) => reservation.parse(fromReservationMessage(told.reservation)) },
      ),
    release: async (orderId, attempt) => {
      await client.call(releaseStock, { orderId, attempt }, { idempotent });
    },
  };
}

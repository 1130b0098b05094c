/**
 * The contracts in their two spellings: as the JSON that the schemas describe, and as Protobuf
 * messages. Who reads a message gives what comes of it to the schema: enums may grow, and fields
 * that a message leaves out have no value yet.
 *
 * @module
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Item, Reservation } from './catalog-v1.ts';
import * as catalog from './gen/breakwater/catalog/v1/catalog_pb.ts';
import * as payments from './gen/breakwater/payments/v1/payments_pb.ts';
import type { Payment, PaymentRecord } from './payments-v1.ts';

export function toItemMessage(item: Item): MessageInitShape<typeof catalog.ItemSchema> {
  const { price_cents: priceCents, ...same } = item;
  return { ...same, priceCents };
}

export function toReservationMessage(
  reservation: Reservation,
): MessageInitShape<typeof catalog.ReservationSchema> {
  const { order_id, item_id, unit_price_cents, status, ...same } = reservation;
  return {
    ...same,
    orderId: order_id,
    itemId: item_id,
    unitPriceCents: unit_price_cents,
    status: catalog.ReservationStatus[STATUS_KEYS[status]],
  };
}

export function fromReservationMessage(message: catalog.Reservation | undefined): unknown {
  if (!message) return undefined;
  const { orderId, itemId, quantity, unitPriceCents, currency, status, attempt } = message;
  return {
    ...{ order_id: orderId, item_id: itemId, quantity, unit_price_cents: unitPriceCents, currency },
    status: statusName(catalog.ReservationStatus, status),
    attempt,
  };
}

export function toPaymentMessage(
  payment: Payment | PaymentRecord,
): MessageInitShape<typeof payments.PaymentSchema> {
  const { order_id, status, charge_id, amount_cents, currency, created_at } = payment;
  return {
    orderId: order_id,
    status: payments.PaymentStatus[STATUS_KEYS[status]],
    ...(charge_id === null ? {} : { chargeId: charge_id }),
    ...{ amountCents: amount_cents, currency, createdAt: toTimestamp(created_at) },
    ...('updated_at' in payment ? { updatedAt: toTimestamp(payment.updated_at) } : {}),
  };
}

export function fromPaymentMessage(message: payments.Payment | undefined): unknown {
  if (!message) return undefined;
  const { orderId, status, chargeId = null, amountCents, currency } = message;
  return {
    order_id: orderId,
    status: statusName(payments.PaymentStatus, status),
    ...{ charge_id: chargeId, amount_cents: amountCents, currency },
    created_at: fromTimestamp(message.createdAt),
    updated_at: fromTimestamp(message.updatedAt),
  };
}

const STATUS_KEYS = {
  reserved: 'RESERVED',
  released: 'RELEASED',
  paid: 'PAID',
  declined: 'DECLINED',
  not_charged: 'NOT_CHARGED',
  outcome_unknown: 'OUTCOME_UNKNOWN',
} as const;

/** As the schemas spell it; undefined for one that this version does not know. */
function statusName(statuses: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(statuses)
    .find((key) => statuses[key] === value)
    ?.toLowerCase();
}

function toTimestamp(iso: string): Timestamp {
  return timestampFromDate(new Date(iso));
}

function fromTimestamp(timestamp: Timestamp | undefined): string | undefined {
  return timestamp && timestampDate(timestamp).toISOString();
}

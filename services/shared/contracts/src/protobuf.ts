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
import * as paymentsV2 from './gen/breakwater/payments/v2/payments_pb.ts';
import type { Payment, PaymentRecord } from './payments-v1.ts';
import type { PaymentRecordV2, PaymentV2 } from './payments-v2.ts';
import type { Money } from './values.ts';

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

export function toPaymentMessageV2(
  payment: PaymentV2 | PaymentRecordV2,
): MessageInitShape<typeof paymentsV2.PaymentSchema> {
  const { order_id, status, charge_id, amount, created_at } = payment;
  return {
    orderId: order_id,
    status: paymentsV2.PaymentStatus[STATUS_KEYS[status]],
    ...(charge_id === null ? {} : { chargeId: charge_id }),
    ...{ amount: toMoneyMessage(amount), createdAt: toTimestamp(created_at) },
    ...('updated_at' in payment ? { updatedAt: toTimestamp(payment.updated_at) } : {}),
  };
}

export function fromPaymentMessageV2(message: paymentsV2.Payment | undefined): unknown {
  if (!message) return undefined;
  const { orderId, status, chargeId = null, amount } = message;
  return {
    order_id: orderId,
    status: statusName(paymentsV2.PaymentStatus, status),
    ...{ charge_id: chargeId, amount: fromMoneyMessage(amount) },
    created_at: fromTimestamp(message.createdAt),
    updated_at: fromTimestamp(message.updatedAt),
  };
}

export function toMoneyMessage({
  currency,
  minor_units,
}: Money): MessageInitShape<typeof paymentsV2.MoneySchema> {
  return { currencyCode: currency, minorUnits: BigInt(minor_units) };
}

export function fromMoneyMessage(message: paymentsV2.Money | undefined): unknown {
  return message && { currency: message.currencyCode, minor_units: Number(message.minorUnits) };
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

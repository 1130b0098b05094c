/**
 * Which schemas travel in which direction: what decides whether a change of one breaks anybody. A
 * request may ask for less than before and a response may hold more, never the other way round.
 *
 * @module
 */
import type { z } from 'zod';
import * as catalog from './catalog-v1.ts';
import * as notifications from './notifications-v1.ts';
import * as orders from './orders-v1.ts';
import * as payments from './payments-v1.ts';
import * as paymentsV2 from './payments-v2.ts';
import * as provider from './provider-v1.ts';
import * as users from './users-v1.ts';

/** What one version of a contract sends, by name. */
export interface Messages {
  /** Written by the consumer, read by the provider. */
  readonly request: Readonly<Record<string, z.ZodType>>;
  /** Written by the provider, read by the consumer. */
  readonly response: Readonly<Record<string, z.ZodType>>;
}

/** Every message, by the module that holds it. */
export const MESSAGES: Readonly<Record<string, Messages>> = {
  'catalog-v1': {
    request: {
      itemQuery: catalog.itemQuery,
      reservationRequest: catalog.reservationRequest,
      releaseQuery: catalog.releaseQuery,
    },
    response: {
      item: catalog.item,
      itemList: catalog.itemList,
      reservation: catalog.reservation,
    },
  },
  'notifications-v1': {
    request: { notificationRequest: notifications.notificationRequest },
    response: { notification: notifications.notification },
  },
  'orders-v1': {
    request: {
      orderHeaders: orders.orderHeaders,
      orderQuery: orders.orderQuery,
      orderRequest: orders.orderRequest,
    },
    response: { order: orders.order, orderList: orders.orderList },
  },
  'payments-v1': {
    request: { paymentRequest: payments.paymentRequest },
    response: { payment: payments.payment, paymentRecord: payments.paymentRecord },
  },
  'payments-v2': {
    request: { paymentRequestV2: paymentsV2.paymentRequestV2 },
    response: {
      paymentV2: paymentsV2.paymentV2,
      paymentRecordV2: paymentsV2.paymentRecordV2,
    },
  },
  'provider-v1': {
    request: { chargeRequest: provider.chargeRequest, deliveryRequest: provider.deliveryRequest },
    response: {
      charge: provider.charge,
      chargeList: provider.chargeList,
      delivery: provider.delivery,
    },
  },
  'users-v1': {
    request: { userChange: users.userChange, userRequest: users.userRequest },
    response: { user: users.user },
  },
};

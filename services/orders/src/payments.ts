/**
 * Payments as orders asks it, over REST or gRPC.
 *
 * @module
 */
import {
  centsOfMoney,
  moneyOfCents,
  type Payment,
  type PaymentRequest,
  type PaymentRequestV2,
  type PaymentV2,
  payment,
  paymentV2,
} from '@breakwater/contracts';
import { PaymentService as PaymentServiceV1 } from '@breakwater/contracts/payments/v1';
import { PaymentService } from '@breakwater/contracts/payments/v2';
import {
  fromPaymentMessage,
  fromPaymentMessageV2,
  toMoneyMessage,
} from '@breakwater/contracts/protobuf';
import { RouteNotFoundError } from '@breakwater/errors';
import { createClient, createGrpcClient } from '@breakwater/kit';
import type { GrpcPeer, RestPeer } from './peers.ts';

/** Money; idempotent by `order_id`. */
export interface Payments {
  pay(request: PaymentRequestV2): Promise<PaymentV2>;
}

/** By order, as the contract of payments says. */
const idempotent = true;

export function paymentsOverRest(peer: RestPeer): Payments {
  const client = createClient({ name: 'payments', ...peer });
  const post = { method: 'POST', idempotent } as const;
  return eitherVersion(
    (body) => client.call({ ...post, path: '/v2/payments', body, response: paymentV2 }),
    (body) => client.call({ ...post, path: '/payments', body, response: payment }),
  );
}

export function paymentsOverGrpc(peer: GrpcPeer): Payments {
  const client = createGrpcClient({ name: 'payments', ...peer });
  return eitherVersion(
    ({ order_id, amount }) =>
      client.call(
        PaymentService.method.takePayment,
        { orderId: order_id, amount: toMoneyMessage(amount) },
        { idempotent, read: (told) => paymentV2.parse(fromPaymentMessageV2(told.payment)) },
      ),
    ({ order_id, amount_cents, currency }) =>
      client.call(
        PaymentServiceV1.method.takePayment,
        { orderId: order_id, amountCents: amount_cents, currency },
        { idempotent, read: (told) => payment.parse(fromPaymentMessage(told.payment)) },
      ),
  );
}

/**
 * Version 2, and version 1 where payments does not know it yet: it may be the older of the two, such
 * as while both are rolled out. That it has no such route says that nothing was done.
 */
function eitherVersion(
  version2: (request: PaymentRequestV2) => Promise<PaymentV2>,
  version1: (request: PaymentRequest) => Promise<Payment>,
): Payments {
  return {
    async pay(request) {
      try {
        return await version2(request);
      } catch (error) {
        const amount_cents = centsOfMoney(request.amount);
        if (!(error instanceof RouteNotFoundError) || amount_cents === undefined) throw error;
        const { order_id, amount } = request;
        const paid = await version1({ order_id, amount_cents, currency: amount.currency });
        const { amount_cents: cents, currency, ...same } = paid;
        const money = moneyOfCents(cents, currency);
        if (!money) throw error;
        return { ...same, amount: money };
      }
    },
  };
}

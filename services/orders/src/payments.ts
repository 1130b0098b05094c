/**
 * Payments as orders asks it, over REST or gRPC.
 *
 * @module
 */
import { type Payment, type PaymentRequest, payment } from '@breakwater/contracts';
import { PaymentService } from '@breakwater/contracts/payments/v1';
import { fromPaymentMessage } from '@breakwater/contracts/protobuf';
import { createClient, createGrpcClient } from '@breakwater/kit';
import type { GrpcPeer, RestPeer } from './peers.ts';

/** Money; idempotent by `order_id`. */
export interface Payments {
  pay(request: PaymentRequest): Promise<Payment>;
}

/** By order, as the contract of payments says. */
const idempotent = true;

export function paymentsOverRest(peer: RestPeer): Payments {
  const client = createClient({ name: 'payments', ...peer });
  return {
    pay: (body) =>
      client.call({
        ...{ method: 'POST', path: '/payments', body, response: payment, idempotent },
      }),
  };
}

export function paymentsOverGrpc(peer: GrpcPeer): Payments {
  const client = createGrpcClient({ name: 'payments', ...peer });
  return {
    pay: ({ order_id, amount_cents, currency }) =>
      client.call(
        PaymentService.method.takePayment,
        { orderId: order_id, amountCents: amount_cents, currency },
        { idempotent, read: (told) => payment.parse(fromPaymentMessage(told.payment)) },
      ),
  };
}

/**
 * Payments as orders asks it, over REST or gRPC.
 *
 * @module
 */
import { type PaymentRequestV2, type PaymentV2, paymentV2 } from '@breakwater/contracts';
import { PaymentService } from '@breakwater/contracts/payments/v2';
import { fromPaymentMessageV2, toMoneyMessage } from '@breakwater/contracts/protobuf';
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
  return {
    pay: (body) =>
      client.call({
        ...{ method: 'POST', path: '/v2/payments', body, response: paymentV2, idempotent },
      }),
  };
}

export function paymentsOverGrpc(peer: GrpcPeer): Payments {
  const client = createGrpcClient({ name: 'payments', ...peer });
  return {
    pay: ({ order_id, amount }) =>
      client.call(
        PaymentService.method.takePayment,
        { orderId: order_id, amount: toMoneyMessage(amount) },
        { idempotent, read: (told) => paymentV2.parse(fromPaymentMessageV2(told.payment)) },
      ),
  };
}

/**
 * `breakwater.payments.v1.PaymentService`: the operations of the REST routes over gRPC.
 *
 * @module
 */
import { id, paymentRequest } from '@breakwater/contracts';
import type { PaymentService } from '@breakwater/contracts/payments/v1';
import { toPaymentMessage } from '@breakwater/contracts/protobuf';
import type { Handlers } from '@breakwater/grpc';
import { parseMessage } from '@breakwater/kit';
import type { PaymentRepository } from '../payment-repository.ts';
import type { Provider } from '../peers.ts';
import { findPayment, takePayment } from '../take-payment.ts';

/** Responds to the calls. */
export function paymentHandlers(
  repository: PaymentRepository,
  provider: Provider,
): Handlers<typeof PaymentService> {
  return {
    async takePayment({ orderId, amountCents, currency }) {
      const asked = { order_id: orderId, amount_cents: amountCents, currency };
      const request = parseMessage(paymentRequest, asked);
      const { payment, created } = await takePayment(repository, provider, request);
      return { payment: toPaymentMessage(payment), created };
    },
    async getPayment({ orderId }) {
      return {
        payment: toPaymentMessage(await findPayment(repository, parseMessage(id, orderId))),
      };
    },
  };
}

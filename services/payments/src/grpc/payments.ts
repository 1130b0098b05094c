/**
 * `PaymentService` of `breakwater.payments.v1` and `.v2`: the operations of the REST routes over gRPC.
 *
 * @module
 */
import { id, PAYMENTS_V1_LIFE, paymentRequest, paymentRequestV2 } from '@breakwater/contracts';
import { PaymentService } from '@breakwater/contracts/payments/v1';
import { PaymentService as PaymentServiceV2 } from '@breakwater/contracts/payments/v2';
import {
  fromMoneyMessage,
  toPaymentMessage,
  toPaymentMessageV2,
} from '@breakwater/contracts/protobuf';
import type { CallInfo, GrpcServer } from '@breakwater/grpc';
import { type ContractRequests, deprecationHeaders } from '@breakwater/hono';
import { parseMessage } from '@breakwater/kit';
import type { PaymentRepository } from '../payment-repository.ts';
import type { Provider } from '../peers.ts';
import { findPayment, takePayment } from '../take-payment.ts';
import { fromVersion1, toVersion1 } from '../version-1.ts';

/** Adds both versions. */
export function addPayments(
  server: GrpcServer,
  repository: PaymentRepository,
  provider: Provider,
  requests: ContractRequests,
): void {
  const end = deprecationHeaders({
    since: PAYMENTS_V1_LIFE.deprecatedAt,
    sunset: PAYMENTS_V1_LIFE.sunsetAt,
  });
  /** Counts who still uses version 1, and tells them until when they can. */
  const noteVersion1 = (call: CallInfo) => {
    requests.count('v1', call.userAgent);
    call.setTrailer('deprecation', end.deprecation);
    if (end.sunset !== undefined) call.setTrailer('sunset', end.sunset);
  };
  const find = (orderId: string) => findPayment(repository, parseMessage(id, orderId));
  server.add(PaymentService, {
    async takePayment({ orderId, amountCents, currency }, call) {
      noteVersion1(call);
      const asked = { order_id: orderId, amount_cents: amountCents, currency };
      const request = fromVersion1(parseMessage(paymentRequest, asked));
      const { payment, created } = await takePayment(repository, provider, request);
      return { payment: toPaymentMessage(toVersion1(payment)), created };
    },
    async getPayment({ orderId }, call) {
      noteVersion1(call);
      return { payment: toPaymentMessage(toVersion1(await find(orderId))) };
    },
  });
  server.add(PaymentServiceV2, {
    async takePayment({ orderId, amount }, { userAgent }) {
      requests.count('v2', userAgent);
      const asked = { order_id: orderId, amount: fromMoneyMessage(amount) };
      const request = parseMessage(paymentRequestV2, asked);
      const { payment, created } = await takePayment(repository, provider, request);
      return { payment: toPaymentMessageV2(payment), created };
    },
    async getPayment({ orderId }, { userAgent }) {
      requests.count('v2', userAgent);
      return { payment: toPaymentMessageV2(await find(orderId)) };
    },
  });
}

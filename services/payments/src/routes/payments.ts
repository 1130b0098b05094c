/**
 * Payments: taken once for an order, and looked up, in two versions.
 *
 * @module
 */

import {
  id,
  PAYMENTS_V1_LIFE,
  payment,
  paymentRecord,
  paymentRecordV2,
  paymentRequest,
  paymentRequestV2,
  paymentV2,
} from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, type ContractRequests, deprecated, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import {
  AmountNotRepresentableError,
  PaymentDeclinedError,
  PaymentMismatchError,
  PaymentOutcomeUnknownError,
  ProviderError,
  ProviderUnavailableError,
} from '../errors.ts';
import type { PaymentRepository } from '../payment-repository.ts';
import type { Provider } from '../peers.ts';
import { findPayment, takePayment } from '../take-payment.ts';
import { fromVersion1, toVersion1 } from '../version-1.ts';

const DESCRIPTION =
  'Idempotent by order_id. PROVIDER_UNAVAILABLE and PROVIDER_ERROR mean that the order is certainly not charged; after any other technical error it may be. A repeat finds out, and never charges twice.';
const ERRORS = [
  PaymentDeclinedError,
  PaymentMismatchError,
  ProviderUnavailableError,
  ProviderError,
  PaymentOutcomeUnknownError,
];
const params = z.object({ order_id: id });

const createPayment = route({
  method: 'post',
  path: '/payments',
  summary: 'Take payment for an order',
  description: DESCRIPTION,
  request: { body: body(paymentRequest) },
  responses: {
    200: json(payment, 'The order was paid before.'),
    201: json(payment, 'The order is paid.'),
  },
  errors: [...ERRORS, AmountNotRepresentableError],
});

const getPayment = route({
  method: 'get',
  path: '/payments/{order_id}',
  summary: 'What is known about the payment of an order',
  request: { params },
  responses: { 200: json(paymentRecord, 'The payment, whatever its outcome.') },
  errors: [NotFoundError.of('payment'), AmountNotRepresentableError],
});

const createPaymentV2 = route({
  method: 'post',
  path: '/v2/payments',
  summary: 'Take payment for an order, of an amount in any currency',
  description: DESCRIPTION,
  request: { body: body(paymentRequestV2) },
  responses: {
    200: json(paymentV2, 'The order was paid before.'),
    201: json(paymentV2, 'The order is paid.'),
  },
  errors: ERRORS,
});

const getPaymentV2 = route({
  method: 'get',
  path: '/v2/payments/{order_id}',
  summary: 'What is known about the payment of an order',
  request: { params },
  responses: { 200: json(paymentRecordV2, 'The payment, whatever its outcome.') },
  errors: [NotFoundError.of('payment')],
});

/** Adds both versions of `POST /payments` and `GET /payments/:order_id`. */
export function mountPayments(
  { app }: Service,
  repository: PaymentRepository,
  provider: Provider,
  requests: ContractRequests,
): void {
  const life = { since: PAYMENTS_V1_LIFE.deprecatedAt, sunset: PAYMENTS_V1_LIFE.sunsetAt };
  app.use('/payments/*', requests.of('v1'), deprecated({ ...life, successor: '/v2/payments' }));
  app.use('/v2/payments/*', requests.of('v2'));
  app.openapi(createPayment, async (c) => {
    const asked = fromVersion1(c.req.valid('json'));
    const taken = await takePayment(repository, provider, asked);
    return c.json(toVersion1(taken.payment), taken.created ? 201 : 200);
  });
  app.openapi(getPayment, async (c) => {
    const found = await findPayment(repository, c.req.valid('param').order_id);
    return c.json(toVersion1(found), 200);
  });
  app.openapi(createPaymentV2, async (c) => {
    const taken = await takePayment(repository, provider, c.req.valid('json'));
    return c.json(taken.payment, taken.created ? 201 : 200);
  });
  app.openapi(getPaymentV2, async (c) =>
    c.json(await findPayment(repository, c.req.valid('param').order_id), 200),
  );
}

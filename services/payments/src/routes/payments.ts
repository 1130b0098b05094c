/**
 * Payments: taken once for an order, and looked up.
 *
 * @module
 */

import { CONSUMERS, id, payment, paymentRecord, paymentRequest } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, ContractRequests, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import {
  PaymentDeclinedError,
  PaymentMismatchError,
  PaymentOutcomeUnknownError,
  ProviderError,
  ProviderUnavailableError,
} from '../errors.ts';
import type { PaymentRepository } from '../payment-repository.ts';
import type { Provider } from '../peers.ts';
import { findPayment, takePayment } from '../take-payment.ts';

/** Adds `POST /payments` and `GET /payments/:order_id`. */
export function mountPayments(
  { app, registry }: Service,
  repository: PaymentRepository,
  provider: Provider,
): void {
  const requests = new ContractRequests({ contract: 'payments', consumers: CONSUMERS, registry });
  app.use('/payments/*', requests.of('v1'));
  const createPayment = route({
    method: 'post',
    path: '/payments',
    summary: 'Take payment for an order',
    description:
      'Idempotent by order_id. PROVIDER_UNAVAILABLE and PROVIDER_ERROR mean that the order is certainly not charged; after any other technical error it may be. A repeat finds out, and never charges twice.',
    request: { body: body(paymentRequest) },
    responses: {
      200: json(payment, 'The order was paid before.'),
      201: json(payment, 'The order is paid.'),
    },
    errors: [
      PaymentDeclinedError,
      PaymentMismatchError,
      ProviderUnavailableError,
      ProviderError,
      PaymentOutcomeUnknownError,
    ],
  });
  app.openapi(createPayment, async (c) => {
    const { payment, created } = await takePayment(repository, provider, c.req.valid('json'));
    return created ? c.json(payment, 201) : c.json(payment, 200);
  });

  const getPayment = route({
    method: 'get',
    path: '/payments/{order_id}',
    summary: 'What is known about the payment of an order',
    request: { params: z.object({ order_id: id }) },
    responses: { 200: json(paymentRecord, 'The payment, whatever its outcome.') },
    errors: [NotFoundError.of('payment')],
  });
  app.openapi(getPayment, async (c) => {
    return c.json(await findPayment(repository, c.req.valid('param').order_id), 200);
  });
}

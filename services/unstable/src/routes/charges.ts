/**
 * Charges: made once for a key, and looked up.
 *
 * @module
 */

import { charge, chargeList, chargeRequest, id } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import { body, json, jsonBody, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { z } from '@hono/zod-openapi';
import { breakConnection } from '../break-connection.ts';
import type { ChargeRepository } from '../charge-repository.ts';
import {
  CardDeclinedError,
  ChargeOutcomeUnknownError,
  IdempotencyKeyMissingError,
  IdempotencyKeyReusedError,
  InjectedFaultError,
} from '../errors.ts';
import type { Faults } from '../faults.ts';
import { injectFaults } from '../inject-faults.ts';
import { makeCharge } from '../make-charge.ts';

/** Adds `POST /charges`, `GET /charges?reference=` and `GET /charges/:key`. */
export function mountCharges(
  { app, logger }: Service,
  ledger: ChargeRepository,
  faults: Faults,
): void {
  const createCharge = route({
    method: 'post',
    path: '/charges',
    summary: 'Charge a card',
    description:
      'An answer with an error status means that this request made no charge. A missing, broken or unreadable answer means nothing either way: repeat the request with the same Idempotency-Key, which never charges twice.',
    middleware: [jsonBody, injectFaults(faults, 'POST /charges', logger)],
    request: {
      headers: z.object({
        'idempotency-key': id.optional().describe('Names the charge. Required.'),
      }),
      body: body(chargeRequest),
    },
    responses: {
      200: json(charge, 'The key had made this charge before; nothing was charged now.'),
      201: json(charge, 'The charge was made.'),
    },
    errors: [
      IdempotencyKeyMissingError,
      IdempotencyKeyReusedError,
      CardDeclinedError,
      ...InjectedFaultError.kinds,
    ],
  });
  app.openapi(createCharge, async (c) => {
    const key = c.req.valid('header')['idempotency-key'];
    if (key === undefined) throw new IdempotencyKeyMissingError();
    try {
      const { charge, created } = await makeCharge(ledger, key, c.req.valid('json'));
      return created ? c.json(charge, 201) : c.json(charge, 200, { 'idempotent-replay': 'true' });
    } catch (error) {
      if (error instanceof ChargeOutcomeUnknownError) return breakConnection(c, error) as never;
      throw error;
    }
  });

  const listCharges = route({
    method: 'get',
    path: '/charges',
    summary: 'List the charges of a reference',
    middleware: injectFaults(faults, 'GET /charges', logger),
    request: { query: z.object({ reference: id }) },
    responses: { 200: json(chargeList, 'The charges, oldest first.') },
    errors: InjectedFaultError.kinds,
  });
  app.openapi(listCharges, async (c) =>
    c.json({ charges: await ledger.listByReference(c.req.valid('query').reference) }, 200),
  );

  const getCharge = route({
    method: 'get',
    path: '/charges/{key}',
    summary: 'Find a charge by its Idempotency-Key',
    middleware: injectFaults(faults, 'GET /charges/:key', logger),
    request: { params: z.object({ key: id }) },
    responses: { 200: json(charge, 'The charge.') },
    errors: [NotFoundError.of('charge'), ...InjectedFaultError.kinds],
  });
  app.openapi(getCharge, async (c) => {
    const { key } = c.req.valid('param');
    const found = await ledger.findByKey(key);
    if (!found) throw new NotFoundError('charge', key);
    return c.json(found, 200);
  });
}

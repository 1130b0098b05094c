/**
 * Deliveries: the outside world takes messages.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { delivery, deliveryRequest } from '@breakwater/contracts';
import { body, json, jsonBody, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { InjectedFaultError } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { injectFaults } from '../inject-faults.ts';

/** Adds `POST /deliveries`. */
export function mountDeliveries({ app, logger }: Service, faults: Faults): void {
  const createDelivery = route({
    method: 'post',
    path: '/deliveries',
    summary: 'Send a message to somebody',
    middleware: [jsonBody, injectFaults(faults, 'POST /deliveries', logger)],
    request: { body: body(deliveryRequest) },
    responses: { 202: json(delivery, 'The message was taken.') },
    errors: InjectedFaultError.kinds,
  });
  app.openapi(createDelivery, (c) =>
    c.json({ id: randomUUID(), status: 'accepted' as const }, 202),
  );
}

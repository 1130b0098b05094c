/**
 * `POST /notifications`.
 *
 * @module
 */

import { PEER_ERRORS } from '@breakwater/client';
import { notification, notificationRequest } from '@breakwater/contracts';
import { body, json, route } from '@breakwater/hono';
import type { Service } from '@breakwater/kit';
import { writeMessage } from '../message.ts';
import type { DeliveryService } from '../peers.ts';

const createNotification = route({
  method: 'post',
  path: '/notifications',
  summary: 'Tell a user what happened to an order',
  request: { body: body(notificationRequest) },
  responses: { 202: json(notification, 'The message is on its way.') },
  errors: PEER_ERRORS,
});

/** Adds the operation. */
export function mountNotifications(app: Service['app'], delivery: DeliveryService): void {
  app.openapi(createNotification, async (c) => {
    const request = c.req.valid('json');
    const { id } = await delivery.send(writeMessage(request));
    return c.json({ ...request, id, status: 'sent' as const }, 202);
  });
}

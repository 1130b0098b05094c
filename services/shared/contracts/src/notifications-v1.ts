/**
 * What notifications agrees on with those who have something to tell.
 *
 * @module
 */
import { z } from 'zod';
import { id } from './values.ts';

/** What there is to tell. */
export const notificationKind = z.enum(['order_paid']);
export type NotificationKind = z.infer<typeof notificationKind>;

/** Body of `POST /notifications`: tell this user this about this order. */
export const notificationRequest = z.strictObject({
  order_id: id,
  user_id: id,
  kind: notificationKind,
});
export type NotificationRequest = z.infer<typeof notificationRequest>;

/** Answer of `POST /notifications`, 202: the message is on its way; when it arrives is not known. */
export const notification = z.object({
  ...notificationRequest.shape,
  id,
  status: z.literal('sent'),
});
export type Notification = z.infer<typeof notification>;

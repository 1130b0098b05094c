/**
 * What users are told, in words.
 *
 * @module
 */
import type { DeliveryRequest, NotificationKind, NotificationRequest } from '@breakwater/contracts';

type Words = (request: NotificationRequest) => Omit<DeliveryRequest, 'to'>;

const WORDS: Readonly<Record<NotificationKind, Words>> = {
  order_paid: ({ order_id }) => ({
    subject: 'Your order is paid',
    body: `Thank you: order ${order_id} is paid and on its way.`,
  }),
};

/** The message for a notification. The outside world knows users by their ids. */
export function writeMessage(request: NotificationRequest): DeliveryRequest {
  return { to: request.user_id, ...WORDS[request.kind](request) };
}

/**
 * Tells users about their orders, without ever being in the way of one.
 *
 * @module
 */
import { toAppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/otel';
import { runInScope } from '@breakwater/resilience';
import { FIELDS } from './names.ts';
import type { Notifications } from './peers.ts';
import type { OrderRow } from './schema.ts';

/**
 * Sends in the background. A message that cannot be sent is dropped, with one line in the log;
 * `resilience_calls_total{dependency="notifications"}` counts how they end. How many are under way
 * at once is bounded by the bulkhead of notifications, so that its trouble stays its own.
 */
export class Notifier {
  readonly #notifications: Notifications;
  readonly #logger: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(notifications: Notifications, logger: Logger) {
    this.#notifications = notifications;
    this.#logger = logger;
  }

  /** Returns at once and never throws. */
  orderPaid(order: OrderRow): void {
    // The message outlives the request: neither its deadline nor its client's patience is ours.
    const sending = runInScope({}, () => this.#send(order)).finally(() =>
      this.#underWay.delete(sending),
    );
    this.#underWay.add(sending);
  }

  /** Waits for the messages under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #send({ id, userId }: OrderRow): Promise<void> {
    try {
      await this.#notifications.notify({ order_id: id, user_id: userId, kind: 'order_paid' });
    } catch (error) {
      const { code, message } = toAppError(error);
      this.#logger.warn('the user was not told that the order is paid', {
        [FIELDS.orderId]: id,
        cause: { code, message },
      });
    }
  }
}

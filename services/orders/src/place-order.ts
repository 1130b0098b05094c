/**
 * Places an order once for each `Idempotency-Key`.
 *
 * @module
 */
import type { OrderRequest } from '@breakwater/contracts';
import { toTraceparent } from '@breakwater/otel';
import { trace } from '@opentelemetry/api';
import { IdempotencyKeyReusedError, OrderInProgressError, OrderRejectedError } from './errors.ts';
import type { OrderRepository } from './order-repository.ts';
import type { OrderRow } from './schema.ts';
import type { Settlement } from './settle-order.ts';

/** A paid order. */
export interface PlacedOrder {
  readonly order: OrderRow;
  /** The order was paid before this request. */
  readonly replay: boolean;
}

/** Places orders for requests. */
export class OrderPlacement {
  readonly #orders: OrderRepository;
  readonly #settlement: Settlement;

  constructor(orders: OrderRepository, settlement: Settlement) {
    this.#orders = orders;
    this.#settlement = settlement;
  }

  /**
   * The paid order. A repeat with the same key gets the order that is there: a paid one as it is,
   * a rejected one's error again; one that failed or waits for payment is settled again.
   *
   * @throws {IdempotencyKeyReusedError} the key belongs to another order
   * @throws {OrderInProgressError} another request is settling the order
   * @throws {AppError} whatever {@link Settlement.settle} throws
   */
  async place(request: OrderRequest, idempotencyKey: string): Promise<PlacedOrder> {
    const span = trace.getActiveSpan()?.spanContext();
    const traceparent = span && toTraceparent(span);
    const created = await this.#orders.create({ ...request, idempotencyKey, traceparent });
    if (created) return this.#settle(created);

    const existing = await this.#orders.findByKey(idempotencyKey);
    if (!existing) throw new Error('an order whose key exists cannot be found');
    if (!isSame(existing, request)) throw new IdempotencyKeyReusedError();
    const known = replay(existing);
    if (known) return known;
    const taken = await this.#orders.leaseToSettle(existing.id, [
      'pending',
      'failed',
      'payment_failed',
      'payment_pending',
    ]);
    if (taken) return this.#settle(taken);
    const now = await this.#orders.find(existing.id);
    const settledMeanwhile = now && replay(now);
    if (settledMeanwhile) return settledMeanwhile;
    throw new OrderInProgressError(existing.id);
  }

  async #settle(order: OrderRow): Promise<PlacedOrder> {
    return { order: await this.#settlement.settle(order, 'request'), replay: false };
  }
}

function isSame(order: OrderRow, request: OrderRequest): boolean {
  return (
    order.userId === request.user_id &&
    order.itemId === request.item_id &&
    order.quantity === request.quantity
  );
}

/** @throws {OrderRejectedError} the error that ended the order */
function replay(order: OrderRow): PlacedOrder | undefined {
  if (order.rejection) throw new OrderRejectedError(order.id, order.rejection);
  return order.status === 'paid' ? { order, replay: true } : undefined;
}

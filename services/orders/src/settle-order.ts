/**
 * Brings an order to an outcome: reserve stock, take payment, record. Safe to repeat at any point.
 *
 * @module
 */
import { moneyOfCents, NOT_CHARGED_CODES } from '@breakwater/contracts';
import { type AppError, OverloadedError, originOf, toAppError } from '@breakwater/errors';
import { databaseErrors } from '@breakwater/kit';
import type { Logger } from '@breakwater/otel';
import { deliveryOf } from '@breakwater/resilience';
import { OrderRejectedError, PaymentPendingError, peerFailure, rejectionOf } from './errors.ts';
import { FIELDS } from './names.ts';
import type { Notifier } from './notifier.ts';
import type { OrderRepository, Outcome, Transaction } from './order-repository.ts';
import type { Peers } from './peers.ts';
import type { OrderRow, Rejection } from './schema.ts';
import type { SettledBy, SettlementMetrics } from './settlement-metrics.ts';

/** Promises to come back to orders, even after a crash. */
export interface ReconciliationQueue {
  /** @param within the transaction the promise is part of */
  enqueue(orderIds: readonly string[], within?: Transaction): Promise<void>;
}

/** What settling works with. */
export interface SettlementDependencies extends Pick<Peers, 'catalog' | 'payments'> {
  readonly notifier: Pick<Notifier, 'orderPaid'>;
  readonly orders: OrderRepository;
  readonly queue: ReconciliationQueue;
  readonly metrics: SettlementMetrics;
  readonly logger: Logger;
}

/** The one way an order gets its outcome, for requests, repeats and the reconciler alike. */
export class Settlement {
  readonly #use: SettlementDependencies;

  constructor(dependencies: SettlementDependencies) {
    this.#use = dependencies;
  }

  /**
   * Settles an order whose lease the caller holds. Once payments was asked, its answer alone
   * decides, and the stock stays reserved until then.
   *
   * @throws {OrderRejectedError} a rule of catalog or payments said no; final
   * @throws {PaymentPendingError} the outcome is unknown; the reconciler goes on
   * @throws {AppError} nothing was charged, and the stock is or will be released
   */
  async settle(order: OrderRow, by: SettledBy): Promise<OrderRow> {
    const priced = order.paymentAsked ? order : await this.#reserve(order, by);
    return this.#pay(priced, order.paymentAsked, by);
  }

  async #reserve(order: OrderRow, by: SettledBy): Promise<OrderRow> {
    const { id, itemId, quantity, attempt } = order;
    const reserved = await this.#use.catalog
      .reserve({ order_id: id, item_id: itemId, quantity, attempt })
      .catch(async (error) => {
        const rejection = rejectionOf(error);
        if (rejection) {
          const errorCode = rejection.code;
          await this.#finish(order, by, { status: 'rejected', rejection, errorCode });
          throw new OrderRejectedError(id, rejection, error);
        }
        // Catalog may have reserved all the same. It is in trouble: the release waits for it.
        const errorCode = toAppError(error).code;
        await this.#finishLater(order, by, { status: 'failed', errorCode, stockToRelease: true });
        throw peerFailure('catalog', error, id);
      });
    return this.#use.orders.beginPayment(order, {
      totalCents: reserved.unit_price_cents * reserved.quantity,
      currency: reserved.currency,
    });
  }

  async #pay(order: OrderRow, askedBefore: boolean, by: SettledBy): Promise<OrderRow> {
    const { id, totalCents, currency } = order;
    if (totalCents === null || currency === null) {
      throw new Error('an order without a price cannot be paid');
    }
    const amount = moneyOfCents(totalCents, currency);
    if (!amount) throw new Error(`no order costs ${totalCents} hundredths of ${currency}`);
    try {
      await this.#use.payments.pay({ order_id: id, amount });
    } catch (error) {
      const rejection = rejectionOf(error);
      if (rejection) {
        await this.#finishUnpaid(order, by, 'rejected', rejection.code, rejection);
        throw new OrderRejectedError(id, rejection, error);
      }
      const errorCode = toAppError(error).code;
      if (isNotCharged(error, askedBefore)) {
        await this.#finishUnpaid(order, by, 'payment_failed', errorCode);
        throw peerFailure('payments', error, id);
      }
      await this.#finishLater(order, by, { status: 'payment_pending', errorCode });
      throw new PaymentPendingError(id, error);
    }
    const paid = await this.#use.orders.finishPaid(order);
    this.#use.metrics.settled(paid.status, by);
    this.#use.notifier.orderPaid(paid);
    return paid;
  }

  async #finishUnpaid(
    order: OrderRow,
    by: SettledBy,
    status: 'rejected' | 'payment_failed',
    errorCode: string,
    rejection: Rejection | null = null,
  ): Promise<void> {
    const outcome = { status, errorCode, rejection, paymentAsked: false, stockToRelease: true };
    await this.#release(await this.#finish(order, by, outcome));
  }

  /** Writes an outcome that leaves work, together with the promise to come back to it. */
  #finishLater(order: OrderRow, by: SettledBy, outcome: Outcome): Promise<OrderRow> {
    const { queue } = this.#use;
    return this.#finish(order, by, outcome, (within) => queue.enqueue([order.id], within));
  }

  async #finish(
    order: OrderRow,
    by: SettledBy,
    outcome: Outcome,
    also?: (transaction: Transaction) => Promise<void>,
  ): Promise<OrderRow> {
    const finished = await this.#use.orders.finish(order, outcome, also);
    this.#use.metrics.settled(finished.status, by);
    return finished;
  }

  /** Gives stock back now if catalog answers, and later if not. Never fails: the flag remains. */
  async #release(order: OrderRow): Promise<void> {
    const { catalog, orders, queue, logger } = this.#use;
    try {
      await catalog.release(order.id, order.attempt);
      await orders.stockReleased(order);
    } catch (error) {
      logger.warn('stock could not be released now; it will be', {
        [FIELDS.orderId]: order.id,
        'exception.message': toAppError(error, [databaseErrors]).message,
      });
      await queue.enqueue([order.id]).catch(() => {
        // The database is away: the sweep finds the order by its flag.
      });
    }
  }
}

/**
 * Whether a failed call to payments left the order certainly uncharged. That a request never
 * arrived, or was turned away at the door, says nothing about an earlier one that may have.
 */
function isNotCharged(thrown: unknown, askedBefore: boolean): boolean {
  const error: AppError = toAppError(thrown);
  if (originOf(error)) {
    if (NOT_CHARGED_CODES.has(error.code)) return true;
    return !askedBefore && error.code === OverloadedError.kind.code;
  }
  return !askedBefore && deliveryOf(error) === 'not_sent';
}

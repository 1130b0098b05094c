/**
 * Comes back to orders that a request could not settle.
 *
 * @module
 */
import { toAppError } from '@breakwater/errors';
import { databaseErrors } from '@breakwater/kit';
import type { Logger } from '@breakwater/otel';
import {
  isSpanContextValid,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Catalog } from './catalog.ts';
import { OrderInProgressError } from './errors.ts';
import { ATTRIBUTES, FIELDS, SPANS } from './names.ts';
import { isUnsettled, type OrderRepository } from './order-repository.ts';
import type { OrderRow } from './schema.ts';
import type { ReconciliationQueue, Settlement } from './settle-order.ts';
import type { SettlementMetrics } from './settlement-metrics.ts';

/** What the reconciler works with. */
export interface ReconcilerDependencies {
  readonly orders: OrderRepository;
  readonly settlement: Settlement;
  readonly catalog: Catalog;
  readonly queue: ReconciliationQueue;
  readonly metrics: SettlementMetrics;
  readonly logger: Logger;
  /** After this a `pending` order counts as abandoned by its request, in milliseconds. */
  readonly abandonedMs?: number;
}

/** Settles orders, and releases stock, that requests left behind. */
export class Reconciler {
  readonly #use: ReconcilerDependencies;
  readonly #tracer = trace.getTracer('@breakwater/orders');

  constructor(dependencies: ReconcilerDependencies) {
    this.#use = dependencies;
  }

  /**
   * Does what is left to do about an order, in a trace of its own that links the trace of the
   * request that made it. Safe to repeat, and at the same time as a request for the same order.
   *
   * @throws when something is still left to do: try again later
   */
  async reconcile(orderId: string): Promise<void> {
    const { orders, logger } = this.#use;
    const order = await orders.find(orderId);
    if (!order || !isUnsettled(order)) return;
    const origin = parseTraceparent(order.traceparent);
    const links: Link[] = origin ? [{ context: origin }] : [];
    const attributes = { [ATTRIBUTES.orderId]: orderId };
    const options = { root: true, kind: SpanKind.INTERNAL, links, attributes };
    await this.#tracer.startActiveSpan(SPANS.settle, options, async (span) => {
      try {
        const settled = await this.#advance(orderId);
        span.setAttribute(ATTRIBUTES.orderStatus, settled.status);
        logger.info(`order ${orderId} settled: ${settled.status}`, describe(settled, origin));
      } catch (error) {
        failed(span, error);
        const { code, message } = toAppError(error, [databaseErrors]);
        logger.warn(`order ${orderId} is not settled yet`, {
          ...describe(order, origin),
          cause: { code, message },
        });
        throw error;
      } finally {
        span.end();
      }
    });
  }

  /** Promises to come back to every order that was left behind, such as by a crash. */
  async sweep(): Promise<void> {
    const { orders, queue, metrics, abandonedMs = 10_000 } = this.#use;
    metrics.unsettled(await orders.countUnsettled());
    const ids = await orders.listAbandoned(abandonedMs);
    if (ids.length > 0) await queue.enqueue(ids);
  }

  async #advance(orderId: string): Promise<OrderRow> {
    const { orders, settlement } = this.#use;
    let failure: unknown;
    try {
      const toRelease = await orders.leaseToRelease(orderId);
      if (toRelease) await this.#release(toRelease);
      const toSettle = await orders.leaseToSettle(orderId, ['pending', 'payment_pending']);
      if (toSettle) await settlement.settle(toSettle, 'reconciler');
    } catch (error) {
      failure = error;
    }
    // An error may well have settled the order: a declined payment does. The order itself tells.
    const now = await orders.find(orderId);
    if (now && !isUnsettled(now)) return now;
    throw failure ?? new OrderInProgressError(orderId);
  }

  async #release(order: OrderRow): Promise<void> {
    const { orders, catalog } = this.#use;
    try {
      await catalog.release(order.id, order.attempt);
    } catch (error) {
      await orders.giveBack(order);
      throw error;
    }
    await orders.stockReleased(order);
  }
}

function failed(span: Span, error: unknown): void {
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: toAppError(error, [databaseErrors]).message,
  });
}

function describe(order: OrderRow, origin: SpanContext | undefined) {
  return {
    [FIELDS.orderId]: order.id,
    [FIELDS.orderStatus]: order.status,
    [FIELDS.attempt]: order.attempt,
    ...(origin ? { [FIELDS.orderTraceId]: origin.traceId } : {}),
  };
}

function parseTraceparent(traceparent: string | null): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent?.split('-') ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

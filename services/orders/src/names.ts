/**
 * Every metric, span and attribute name of orders, once.
 *
 * @module
 */

/** Prometheus metric names. */
export const METRICS = {
  /** Orders brought to a status, by status and by who did it. */
  settled: 'orders_settled_total',
  /** Orders whose outcome is open, and orders whose stock is still to be released. */
  unsettled: 'orders_unsettled',
} as const;

/** Span names. */
export const SPANS = { settle: 'settle order' } as const;

/** Span attributes. */
export const ATTRIBUTES = { orderId: 'order.id', orderStatus: 'order.status' } as const;

/** Fields of log lines. */
export const FIELDS = {
  orderId: 'order_id',
  orderStatus: 'order_status',
  attempt: 'order_attempt',
  /** The trace of the request that made the order. */
  orderTraceId: 'order_trace_id',
} as const;

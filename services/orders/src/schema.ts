/**
 * Tables of orders' database; `migrations/` makes them.
 *
 * @module
 */
import type { ErrorContext } from '@breakwater/errors';
import { boolean, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** The business error that ended an order; the same request gets it again. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
  readonly context: ErrorContext;
}

/** One row an order, and what is left to do about it. */
export const orders = pgTable('orders', {
  id: text().primaryKey(),
  idempotencyKey: text('idempotency_key').notNull(),
  userId: text('user_id').notNull(),
  itemId: text('item_id').notNull(),
  quantity: integer().notNull(),
  totalCents: integer('total_cents'),
  currency: text(),
  status: text({
    enum: ['pending', 'paid', 'rejected', 'failed', 'payment_failed', 'payment_pending'],
  }).notNull(),
  rejection: jsonb().$type<Rejection>(),
  errorCode: text('error_code'),
  /** Fencing token: only the holder of the latest attempt may write. */
  attempt: integer().notNull().default(1),
  leasedUntil: timestamp('leased_until', { withTimezone: true }),
  paymentAsked: boolean('payment_asked').notNull().default(false),
  stockToRelease: boolean('stock_to_release').notNull().default(false),
  /** The trace of the request that made the order. */
  traceparent: text(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

/** An order as the database holds it. */
export type OrderRow = typeof orders.$inferSelect;

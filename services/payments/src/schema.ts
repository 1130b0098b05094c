/**
 * Tables of payments' database.
 *
 * @module
 */
import type { PaymentRecordV2 } from '@breakwater/contracts';
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** One row for an order that was tried, from before the provider is first asked. */
export const payments = pgTable('payments', {
  orderId: text('order_id').primaryKey(),
  status: text('status').$type<PaymentRecordV2['status']>().notNull(),
  chargeId: text('charge_id'),
  /** The column keeps its first name: replicas of the version before read and write it too. */
  minorUnits: integer('amount_cents').notNull(),
  currency: text('currency').notNull(),
  /** How often the provider was, or was about to be, asked. */
  attempts: integer('attempts').notNull().default(1),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

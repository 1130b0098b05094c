/**
 * Tables of catalog's database; `migrations/` makes them.
 *
 * @module
 */
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** What can be ordered; `migrations/` seeds it. */
export const items = pgTable('items', {
  id: text().primaryKey(),
  name: text().notNull(),
  priceCents: integer('price_cents').notNull(),
  currency: text().notNull(),
  stock: integer().notNull(),
});

/** One row an order, for ever: a released one is what stops requests that arrive late. */
export const reservations = pgTable('reservations', {
  orderId: text('order_id').primaryKey(),
  itemId: text('item_id'),
  quantity: integer().notNull().default(0),
  unitPriceCents: integer('unit_price_cents').notNull().default(0),
  status: text({ enum: ['reserved', 'released'] }).notNull(),
  attempt: integer().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

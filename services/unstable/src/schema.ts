/**
 * Tables of the provider's database.
 *
 * @module
 */
import { index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** The ledger. The key being primary is what makes two charges for one key impossible. */
export const charges = pgTable(
  'charges',
  {
    idempotencyKey: text('idempotency_key').primaryKey(),
    id: text('id').notNull().unique(),
    amountCents: integer('amount_cents').notNull(),
    currency: text('currency').notNull(),
    reference: text('reference').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index('charges_reference').on(table.reference)],
);

/**
 * Tables of users' database; `migrations/` makes them.
 *
 * @module
 */
import { pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** One row a user. */
export const users = pgTable('users', {
  id: text().primaryKey(),
  /** Unique without regard to case. */
  email: text().notNull(),
  name: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});

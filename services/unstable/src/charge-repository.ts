/**
 * The ledger: at most one charge for a key, ever.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Charge, ChargeRequest } from '@breakwater/contracts';
import { DatabaseUnavailableError } from '@breakwater/errors';
import { type Database, databaseErrors } from '@breakwater/kit';
import { asc, eq } from 'drizzle-orm';
import { ChargeOutcomeUnknownError } from './errors.ts';
import { charges } from './schema.ts';

type Row = typeof charges.$inferSelect;

export class ChargeRepository {
  readonly #db: Database['db'];

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
  }

  async findByKey(key: string): Promise<Charge | undefined> {
    const [row] = await this.#db.select().from(charges).where(eq(charges.idempotencyKey, key));
    return row && toCharge(row);
  }

  /** Every charge made for a reference, oldest first. */
  async listByReference(reference: string): Promise<Charge[]> {
    const rows = await this.#db
      .select()
      .from(charges)
      .where(eq(charges.reference, reference))
      .orderBy(asc(charges.createdAt), asc(charges.id));
    return rows.map(toCharge);
  }

  /**
   * Writes a charge; undefined when the key has one already.
   *
   * @throws {ChargeOutcomeUnknownError} when the database broke, so that it may stand or not.
   */
  async insert(key: string, request: ChargeRequest): Promise<Charge | undefined> {
    try {
      const [row] = await this.#db
        .insert(charges)
        .values({
          idempotencyKey: key,
          id: `ch_${randomUUID()}`,
          amountCents: request.amount_cents,
          currency: request.currency,
          reference: request.reference,
        })
        .onConflictDoNothing({ target: charges.idempotencyKey })
        .returning();
      return row && toCharge(row);
    } catch (error) {
      if (databaseErrors(error) instanceof DatabaseUnavailableError) {
        throw new ChargeOutcomeUnknownError(error);
      }
      throw error;
    }
  }
}

function toCharge(row: Row): Charge {
  return {
    id: row.id,
    status: 'succeeded',
    amount_cents: row.amountCents,
    currency: row.currency,
    reference: row.reference,
    created_at: row.createdAt.toISOString(),
  };
}

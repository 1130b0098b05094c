/**
 * The ledger: at most one charge for a key, ever.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Charge, ChargeRequest } from '@breakwater/contracts';
import { DatabaseUnavailableError } from '@breakwater/errors';
import { type Database, databaseErrors } from '@breakwater/kit';
import { asc, eq, sql } from 'drizzle-orm';
import { ChargeOutcomeUnknownError } from './errors.ts';
import { charges } from './schema.ts';

type Row = typeof charges.$inferSelect;

export class ChargeRepository {
  readonly #db: Database['db'];
  readonly #statements: ReturnType<typeof prepare>;

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
    this.#statements = prepare(db);
  }

  async findByKey(key: string): Promise<Charge | undefined> {
    const [row] = await this.#statements.find.execute({ key });
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
      const [row] = await this.#statements.insert.execute({
        key,
        id: `ch_${randomUUID()}`,
        amountCents: request.amount_cents,
        currency: request.currency,
        reference: request.reference,
      });
      return row && toCharge(row);
    } catch (error) {
      if (databaseErrors(error) instanceof DatabaseUnavailableError) {
        throw new ChargeOutcomeUnknownError(error);
      }
      throw error;
    }
  }
}

/** What each charge needs, put into words, and planned by each connection, once. */
function prepare(db: Database['db']) {
  const { placeholder } = sql;
  return {
    find: db
      .select()
      .from(charges)
      .where(eq(charges.idempotencyKey, placeholder('key')))
      .prepare('charge_find'),
    insert: db
      .insert(charges)
      .values({
        idempotencyKey: placeholder('key'),
        id: placeholder('id'),
        amountCents: placeholder('amountCents'),
        currency: placeholder('currency'),
        reference: placeholder('reference'),
      })
      .onConflictDoNothing({ target: charges.idempotencyKey })
      .returning()
      .prepare('charge_insert'),
  };
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

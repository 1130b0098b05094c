/**
 * What is known about the payment of each order.
 *
 * A row says `outcome_unknown` from before the provider is asked until its answer is known, so that
 * a crash in between, too, leaves the truth behind.
 *
 * @module
 */
import type {
  PaymentRecordV2 as PaymentRecord,
  PaymentRequestV2 as PaymentRequest,
} from '@breakwater/contracts';
import type { Database } from '@breakwater/kit';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { PaymentMismatchError } from './errors.ts';
import { payments } from './schema.ts';

/** Leave to ask the provider. */
export interface Attempt {
  readonly orderId: string;
  /** Counts up with each attempt for the order; the first is 1. */
  readonly number: number;
  /** No earlier attempt can have charged: each of them is known to have failed. */
  readonly clean: boolean;
}

/** What {@link PaymentRepository.begin} found: an outcome that is final, or leave to find one. */
export type Beginning =
  | { readonly settled: PaymentRecord; readonly attempt?: never }
  | { readonly attempt: Attempt; readonly settled?: never };

export class PaymentRepository {
  readonly #db: Database['db'];
  readonly #statements: ReturnType<typeof prepare>;

  constructor({ db }: Pick<Database, 'db'>) {
    this.#db = db;
    this.#statements = prepare(db);
  }

  async find(orderId: string): Promise<PaymentRecord | undefined> {
    const [row] = await this.#statements.find.execute({ orderId });
    return row && toRecord(row);
  }

  /**
   * Notes that the provider is about to be asked.
   *
   * @throws {PaymentMismatchError} when the order was tried with another amount or currency.
   */
  async begin(request: PaymentRequest): Promise<Beginning> {
    const { order_id: orderId, amount } = request;
    const { currency, minor_units: minorUnits } = amount;
    const [created] = await this.#statements.begin.execute({ orderId, minorUnits, currency });
    if (created) return { attempt: { orderId, number: created.number, clean: true } };
    return this.#beginAgain(request);
  }

  #beginAgain(request: PaymentRequest): Promise<Beginning> {
    const thisOrder = eq(payments.orderId, request.order_id);
    return this.#db.transaction(async (transaction) => {
      const [row] = await transaction.select().from(payments).where(thisOrder).for('update');
      if (!row) throw new Error('a payment row has vanished');
      const { currency, minor_units } = request.amount;
      if (row.minorUnits !== minor_units || row.currency !== currency) {
        throw new PaymentMismatchError(row.orderId);
      }
      if (row.status === 'paid' || row.status === 'declined') return { settled: toRecord(row) };
      const number = row.attempts + 1;
      await transaction
        .update(payments)
        .set({ status: 'outcome_unknown', attempts: number, updatedAt: sql`now()` })
        .where(thisOrder);
      const clean = row.status === 'not_charged';
      return { attempt: { orderId: row.orderId, number, clean } };
    });
  }

  /** Notes the charge; undefined when another attempt has noted it before. */
  async markPaid(orderId: string, chargeId: string): Promise<PaymentRecord | undefined> {
    const [row] = await this.#statements.markPaid.execute({ orderId, chargeId });
    return row && toRecord(row);
  }

  /** Notes that the provider declined. */
  async markDeclined(orderId: string): Promise<void> {
    await this.#settle(orderId, { status: 'declined' });
  }

  /**
   * Notes that an attempt did not charge. False when that does not make the order free of charges:
   * an attempt before it may have charged, or one that has begun since.
   */
  async markNotCharged({ orderId, number, clean }: Attempt): Promise<boolean> {
    if (!clean) return false;
    const onlyAttempt = eq(payments.attempts, number);
    return (await this.#settle(orderId, { status: 'not_charged' }, onlyAttempt)) !== undefined;
  }

  async #settle(
    orderId: string,
    outcome: Partial<typeof payments.$inferInsert>,
    condition?: SQL,
  ): Promise<PaymentRecord | undefined> {
    const [row] = await this.#db
      .update(payments)
      .set({ ...outcome, updatedAt: sql`now()` })
      .where(and(eq(payments.orderId, orderId), eq(payments.status, 'outcome_unknown'), condition))
      .returning();
    return row && toRecord(row);
  }
}

/** What each payment needs, put into words, and planned by each connection, once. */
function prepare(db: Database['db']) {
  const { placeholder } = sql;
  const thisOrder = eq(payments.orderId, placeholder('orderId'));
  return {
    find: db.select().from(payments).where(thisOrder).prepare('payment_find'),
    begin: db
      .insert(payments)
      .values({
        orderId: placeholder('orderId'),
        minorUnits: placeholder('minorUnits'),
        currency: placeholder('currency'),
        status: 'outcome_unknown',
      })
      .onConflictDoNothing({ target: payments.orderId })
      .returning({ number: payments.attempts })
      .prepare('payment_begin'),
    markPaid: db
      .update(payments)
      .set({ status: 'paid', chargeId: sql`${placeholder('chargeId')}`, updatedAt: sql`now()` })
      .where(and(thisOrder, eq(payments.status, 'outcome_unknown')))
      .returning()
      .prepare('payment_mark_paid'),
  };
}

function toRecord(row: typeof payments.$inferSelect): PaymentRecord {
  return {
    order_id: row.orderId,
    status: row.status,
    charge_id: row.chargeId,
    amount: { currency: row.currency, minor_units: row.minorUnits },
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * Orders, and who may work on one.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { OrderRequest, OrderStatus } from '@breakwater/contracts';
import type { Database } from '@breakwater/kit';
import { and, count, desc, eq, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { OrderInProgressError } from './errors.ts';
import { type OrderRow, orders } from './schema.ts';

/** A transaction of the orders' database. */
export type Transaction = Parameters<Parameters<Database['db']['transaction']>[0]>[0];

/** An order as its request asks for it. */
export interface NewOrder extends OrderRequest {
  readonly idempotencyKey: string;
  /** W3C `traceparent` of the request. */
  readonly traceparent: string | undefined;
}

/** What settling found out. */
export type Outcome = Partial<
  Pick<OrderRow, 'rejection' | 'errorCode' | 'paymentAsked' | 'stockToRelease'>
> & { readonly status: OrderStatus };

/** Statuses of orders whose outcome is open. */
const OPEN: OrderStatus[] = ['pending', 'payment_pending'];

/** Whether somebody must still do something about the order. */
export function isUnsettled(order: OrderRow): boolean {
  return OPEN.includes(order.status) || order.stockToRelease;
}

/** Nobody holds the order: the last holder is done with it, or has taken too long. */
const free = or(isNull(orders.leasedUntil), lt(orders.leasedUntil, sql`now()`));

/**
 * An order is worked on by one holder at a time, for as long as its lease lasts. A lease that ran
 * out is taken over; what its former holder writes after that is refused.
 */
export class OrderRepository {
  readonly #db: Database['db'];
  readonly #leaseMs: number;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Pick<Database, 'db'>, leaseMs = 5_000) {
    this.#db = database.db;
    this.#leaseMs = leaseMs;
    this.#statements = prepare(database.db, leaseFor(leaseMs));
  }

  /** Makes the order and takes its lease; undefined when its key exists already. */
  async create(request: NewOrder): Promise<OrderRow | undefined> {
    const [created] = await this.#statements.create.execute({
      id: `order-${randomUUID()}`,
      idempotencyKey: request.idempotencyKey,
      userId: request.user_id,
      itemId: request.item_id,
      quantity: request.quantity,
      traceparent: request.traceparent ?? null,
    });
    return created;
  }

  async find(id: string): Promise<OrderRow | undefined> {
    const [found] = await this.#statements.find.execute({ id });
    return found;
  }

  async findByKey(key: string): Promise<OrderRow | undefined> {
    const [found] = await this.#db.select().from(orders).where(eq(orders.idempotencyKey, key));
    return found;
  }

  async list(filter: {
    status?: OrderStatus | undefined;
    userId?: string | undefined;
    limit: number;
    offset: number;
  }) {
    const where = and(
      filter.status && eq(orders.status, filter.status),
      filter.userId === undefined ? undefined : eq(orders.userId, filter.userId),
    );
    const [rows, [counted]] = await Promise.all([
      this.#db
        .select()
        .from(orders)
        .where(where)
        .orderBy(desc(orders.createdAt), orders.id)
        .limit(filter.limit)
        .offset(filter.offset),
      this.#db.select({ total: count() }).from(orders).where(where),
    ]);
    return { rows, total: counted?.total ?? 0 };
  }

  /**
   * Takes the lease of an order in one of `statuses`, to settle it; undefined when it is in
   * another, or somebody else holds it. Stock that was to be released is needed again.
   */
  async leaseToSettle(id: string, statuses: OrderStatus[]): Promise<OrderRow | undefined> {
    return this.#take(and(eq(orders.id, id), inArray(orders.status, statuses)), {
      stockToRelease: false,
      status: sql`case when ${orders.paymentAsked} then 'payment_pending' else 'pending' end`,
    });
  }

  /** Takes the lease of an order whose stock is to be released; undefined when there is none. */
  async leaseToRelease(id: string): Promise<OrderRow | undefined> {
    return this.#take(and(eq(orders.id, id), orders.stockToRelease), {});
  }

  /** Says, before payments is asked, that it will be, and for how much. */
  async beginPayment(
    { id, attempt }: OrderRow,
    price: { totalCents: number; currency: string },
  ): Promise<OrderRow> {
    return written(id, await this.#statements.beginPayment.execute({ id, attempt, ...price }));
  }

  /** {@link finish} for the outcome of nearly every order. */
  async finishPaid({ id, attempt }: OrderRow): Promise<OrderRow> {
    return written(id, await this.#statements.finishPaid.execute({ id, attempt }));
  }

  /** Writes what settling found out and gives the lease back; `also` is in the same transaction. */
  async finish(
    order: OrderRow,
    outcome: Outcome,
    also?: (transaction: Transaction) => Promise<void>,
  ): Promise<OrderRow> {
    const changes = { errorCode: null, ...outcome, leasedUntil: null };
    if (!also) return this.#write(this.#db, order, changes);
    return this.#db.transaction(async (transaction) => {
      const written = await this.#write(transaction, order, changes);
      await also(transaction);
      return written;
    });
  }

  /** Gives the lease back with nothing done. */
  async giveBack({ id, attempt }: OrderRow): Promise<void> {
    await this.#db
      .update(orders)
      .set({ leasedUntil: null })
      .where(and(eq(orders.id, id), eq(orders.attempt, attempt)));
  }

  /** The stock of `order` is back. Nothing to do when the order was taken up again since. */
  async stockReleased({ id, attempt }: OrderRow): Promise<void> {
    await this.#db
      .update(orders)
      .set({ stockToRelease: false, leasedUntil: null })
      .where(and(eq(orders.id, id), eq(orders.attempt, attempt)));
  }

  /** Ids of unsettled orders that nobody holds, `pending` ones only when older than `ageMs`. */
  async listAbandoned(ageMs: number, limit = 500): Promise<string[]> {
    const old = lt(orders.updatedAt, sql`now() - ${ageMs} * interval '1 millisecond'`);
    const rows = await this.#db
      .select({ id: orders.id })
      .from(orders)
      .where(
        and(
          free,
          or(
            eq(orders.status, 'payment_pending'),
            and(eq(orders.status, 'pending'), old),
            orders.stockToRelease,
          ),
        ),
      )
      .orderBy(orders.updatedAt)
      .limit(limit);
    return rows.map(({ id }) => id);
  }

  async countUnsettled(): Promise<number> {
    const [counted] = await this.#db
      .select({ total: count() })
      .from(orders)
      .where(or(inArray(orders.status, OPEN), orders.stockToRelease));
    return counted?.total ?? 0;
  }

  async #take(which: SQL | undefined, changes: Record<string, unknown>) {
    const [taken] = await this.#db
      .update(orders)
      .set({
        ...changes,
        attempt: sql`${orders.attempt} + 1`,
        leasedUntil: leaseFor(this.#leaseMs),
        updatedAt: sql`now()`,
      })
      .where(and(which, free))
      .returning();
    return taken;
  }

  /** @throws {OrderInProgressError} when the lease was lost to somebody else */
  async #write(
    db: Database['db'] | Transaction,
    { id, attempt }: OrderRow,
    changes: Partial<OrderRow>,
  ): Promise<OrderRow> {
    const rows = await db
      .update(orders)
      .set({ ...changes, updatedAt: sql`now()` })
      .where(and(eq(orders.id, id), eq(orders.attempt, attempt)))
      .returning();
    return written(id, rows);
  }
}

/** @throws {OrderInProgressError} when the lease was lost to somebody else */
function written(id: string, [row]: readonly OrderRow[]): OrderRow {
  if (!row) throw new OrderInProgressError(id);
  return row;
}

function leaseFor(ms: number): SQL {
  return sql`now() + ${ms} * interval '1 millisecond'`;
}

/** What each order needs, put into words, and planned by each connection, once. */
function prepare(db: Database['db'], lease: SQL) {
  const { placeholder } = sql;
  const held = and(eq(orders.id, placeholder('id')), eq(orders.attempt, placeholder('attempt')));
  return {
    create: db
      .insert(orders)
      .values({
        id: placeholder('id'),
        idempotencyKey: placeholder('idempotencyKey'),
        userId: placeholder('userId'),
        itemId: placeholder('itemId'),
        quantity: placeholder('quantity'),
        status: 'pending',
        leasedUntil: lease,
        traceparent: placeholder('traceparent'),
      })
      .onConflictDoNothing({ target: orders.idempotencyKey })
      .returning()
      .prepare('order_create'),
    find: db
      .select()
      .from(orders)
      .where(eq(orders.id, placeholder('id')))
      .prepare('order_find'),
    beginPayment: db
      .update(orders)
      .set({
        totalCents: sql`${placeholder('totalCents')}`,
        currency: sql`${placeholder('currency')}`,
        paymentAsked: true,
        updatedAt: sql`now()`,
      })
      .where(held)
      .returning()
      .prepare('order_begin_payment'),
    finishPaid: db
      .update(orders)
      .set({
        status: 'paid',
        errorCode: null,
        paymentAsked: false,
        leasedUntil: null,
        updatedAt: sql`now()`,
      })
      .where(held)
      .returning()
      .prepare('order_finish_paid'),
  };
}

/**
 * Stock kept for orders.
 *
 * @module
 */
import type { Reservation, ReservationRequest } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import type { Database } from '@breakwater/kit';
import { and, eq, gte, sql } from 'drizzle-orm';
import {
  InsufficientStockError,
  ReservationAbandonedError,
  ReservationMismatchError,
} from './errors.ts';
import { items, reservations } from './schema.ts';

type Transaction = Parameters<Parameters<Database['db']['transaction']>[0]>[0];
type ItemRow = typeof items.$inferSelect;
type ReservationRow = typeof reservations.$inferSelect;

type Price = Pick<Reservation, 'unit_price_cents' | 'currency'>;

const CHECK_VIOLATION = '23514';

/**
 * Locks in the order of all others, the reservation before the item, which changes by what was
 * inserted. Where somebody else takes the stock meanwhile it makes less than nothing of what is
 * left: the check of the table refuses that, and all of it is undone.
 */
const RESERVE_AT_ONCE = {
  name: 'reserve_at_once',
  text: `
    with item as (
      select id, price_cents, currency from items where id = $2 and stock >= $3
    ), inserted as (
      insert into reservations (order_id, item_id, quantity, unit_price_cents, status, attempt)
      select $1, id, $3, price_cents, 'reserved', $4 from item
      on conflict do nothing
      returning item_id, quantity
    ), taken as (
      update items set stock = stock - inserted.quantity
      from inserted where items.id = inserted.item_id
      returning items.id
    )
    select item.price_cents as unit_price_cents, item.currency from item join taken using (id)`,
} as const;

/** A reservation, and whether this request made it. */
interface Reserved {
  readonly reservation: Reservation;
  readonly created: boolean;
}

/**
 * Reserves and releases. Each does all or nothing in one transaction, and both lock the
 * reservation before the item, so that they never wait for each other in a circle.
 */
export class ReservationRepository {
  readonly #db: Database['db'];
  readonly #pool: Database['pool'];

  constructor(database: Pick<Database, 'db' | 'pool'>) {
    this.#db = database.db;
    this.#pool = database.pool;
  }

  /**
   * Takes stock for an order; for one that has it already, nothing more.
   *
   * @throws {NotFoundError} `ITEM_NOT_FOUND`
   * @throws {InsufficientStockError}
   * @throws {ReservationMismatchError} the order has reserved something else
   * @throws {ReservationAbandonedError} this attempt at the order was released before
   */
  async reserve(request: ReservationRequest): Promise<Reserved> {
    const reservation = await this.#reserveAtOnce(request);
    return reservation ? { reservation, created: true } : this.#reserveStepwise(request);
  }

  /**
   * One statement, and so one round trip, for the first attempt at an order whose item is there;
   * undefined, with nothing done, in every other case.
   */
  async #reserveAtOnce(request: ReservationRequest): Promise<Reservation | undefined> {
    const { order_id, item_id, quantity, attempt } = request;
    const values = [order_id, item_id, quantity, attempt];
    try {
      const { rows } = await this.#pool.query<Price>({ ...RESERVE_AT_ONCE, values });
      return rows[0] && { order_id, item_id, quantity, ...rows[0], status: 'reserved', attempt };
    } catch (error) {
      // Somebody took the last between what the statement read and what it wrote.
      if ((error as { code?: unknown }).code === CHECK_VIOLATION) return undefined;
      throw error;
    }
  }

  #reserveStepwise(request: ReservationRequest): Promise<Reserved> {
    return this.#db.transaction(async (tx) => {
      const [item] = await tx.select().from(items).where(eq(items.id, request.item_id));
      if (!item) throw new NotFoundError('item', request.item_id);
      const wanted = {
        orderId: request.order_id,
        itemId: item.id,
        quantity: request.quantity,
        unitPriceCents: item.priceCents,
        status: 'reserved' as const,
        attempt: request.attempt,
      };
      const [inserted] = await tx
        .insert(reservations)
        .values(wanted)
        .onConflictDoNothing()
        .returning();
      if (inserted) {
        await takeStock(tx, item, request.quantity);
        return { reservation: toReservation(inserted, item), created: true };
      }

      const existing = await lockReservation(tx, request.order_id);
      if (existing.status === 'reserved') {
        if (existing.itemId !== item.id || existing.quantity !== request.quantity) {
          throw new ReservationMismatchError(request.order_id);
        }
        const attempt = Math.max(existing.attempt, request.attempt);
        const renewed = await updateReservation(tx, request.order_id, { attempt });
        return { reservation: toReservation(renewed, item), created: false };
      }
      if (existing.attempt >= request.attempt) {
        throw new ReservationAbandonedError(request.order_id, request.attempt);
      }
      const revived = await updateReservation(tx, request.order_id, wanted);
      await takeStock(tx, item, request.quantity);
      return { reservation: toReservation(revived, item), created: true };
    });
  }

  /**
   * Gives the stock of an order back, once. The release is remembered even when nothing was
   * reserved, so that a reservation of the same or an earlier attempt that is still on its way
   * takes nothing. A release that comes after a later attempt reserved does nothing.
   */
  release(orderId: string, attempt: number): Promise<void> {
    return this.#db.transaction(async (tx) => {
      const [inserted] = await tx
        .insert(reservations)
        .values({ orderId, status: 'released', attempt })
        .onConflictDoNothing()
        .returning();
      if (inserted) return;
      const existing = await lockReservation(tx, orderId);
      if (existing.attempt > attempt) return;
      await updateReservation(tx, orderId, { status: 'released', attempt });
      if (existing.status === 'reserved' && existing.itemId) {
        await tx
          .update(items)
          .set({ stock: sql`${items.stock} + ${existing.quantity}` })
          .where(eq(items.id, existing.itemId));
      }
    });
  }

  /** @throws {NotFoundError} `RESERVATION_NOT_FOUND` when the order never reserved anything */
  async get(orderId: string): Promise<Reservation> {
    const [row] = await this.#db
      .select()
      .from(reservations)
      .innerJoin(items, eq(items.id, reservations.itemId))
      .where(eq(reservations.orderId, orderId));
    if (!row) throw new NotFoundError('reservation', orderId);
    return toReservation(row.reservations, row.items);
  }
}

/** @throws {InsufficientStockError} which undoes the transaction */
async function takeStock(tx: Transaction, item: ItemRow, quantity: number): Promise<void> {
  const taken = await tx
    .update(items)
    .set({ stock: sql`${items.stock} - ${quantity}` })
    .where(and(eq(items.id, item.id), gte(items.stock, quantity)))
    .returning({ id: items.id });
  if (taken.length > 0) return;
  // What was read before may be stale: somebody else took stock in between.
  const [now] = await tx.select({ stock: items.stock }).from(items).where(eq(items.id, item.id));
  throw new InsufficientStockError(item.id, quantity, now?.stock ?? 0);
}

async function lockReservation(tx: Transaction, orderId: string): Promise<ReservationRow> {
  const found = tx.select().from(reservations).where(eq(reservations.orderId, orderId));
  return only(await found.for('update'));
}

async function updateReservation(
  tx: Transaction,
  orderId: string,
  changes: Partial<ReservationRow>,
): Promise<ReservationRow> {
  const updated = tx
    .update(reservations)
    .set({ ...changes, updatedAt: sql`now()` })
    .where(eq(reservations.orderId, orderId));
  return only(await updated.returning());
}

/** Rows are never deleted, so one that conflicted is there. */
function only<T>([row]: T[]): T {
  if (row === undefined) throw new Error('a reservation vanished');
  return row;
}

function toReservation(row: ReservationRow, item: ItemRow): Reservation {
  return {
    order_id: row.orderId,
    item_id: item.id,
    quantity: row.quantity,
    unit_price_cents: row.unitPriceCents,
    currency: item.currency,
    status: row.status,
    attempt: row.attempt,
  };
}

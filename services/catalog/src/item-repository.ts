/**
 * Items, read.
 *
 * @module
 */
import type { Item, ItemList } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import type { Database } from '@breakwater/kit';
import { asc, count, eq } from 'drizzle-orm';
import { items } from './schema.ts';

/** Reads items as the contract spells them. */
export class ItemRepository {
  readonly #db: Database['db'];

  constructor(database: Pick<Database, 'db'>) {
    this.#db = database.db;
  }

  async list(limit: number, offset: number): Promise<ItemList> {
    const [rows, [counted]] = await Promise.all([
      this.#db.select().from(items).orderBy(asc(items.id)).limit(limit).offset(offset),
      this.#db.select({ total: count() }).from(items),
    ]);
    return { items: rows.map(toItem), total: counted?.total ?? 0 };
  }

  /** @throws {NotFoundError} `ITEM_NOT_FOUND` */
  async get(id: string): Promise<Item> {
    const [row] = await this.#db.select().from(items).where(eq(items.id, id));
    if (!row) throw new NotFoundError('item', id);
    return toItem(row);
  }
}

function toItem({ priceCents, ...row }: typeof items.$inferSelect): Item {
  return { ...row, price_cents: priceCents };
}

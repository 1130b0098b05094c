/**
 * Items, read.
 *
 * @module
 */
import { type Item, type ItemList, MAX_LIMIT } from '@breakwater/contracts';
import { LimitTooLargeError, NotFoundError } from '@breakwater/errors';
import type { Database } from '@breakwater/kit';
import { asc, count, eq, sql } from 'drizzle-orm';
import { items } from './schema.ts';

/** Reads items as the contract spells them. */
export class ItemRepository {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Pick<Database, 'db'>) {
    this.#statements = prepare(database.db);
  }

  /** @throws {LimitTooLargeError} for more than a list gives */
  async list(limit: number, offset: number): Promise<ItemList> {
    if (limit > MAX_LIMIT) throw new LimitTooLargeError(limit, MAX_LIMIT);
    const [rows, [counted]] = await Promise.all([
      this.#statements.page.execute({ limit, offset }),
      this.#statements.count.execute(),
    ]);
    return { items: rows.map(toItem), total: counted?.total ?? 0 };
  }

  /** @throws {NotFoundError} `ITEM_NOT_FOUND` */
  async get(id: string): Promise<Item> {
    const [row] = await this.#statements.find.execute({ id });
    if (!row) throw new NotFoundError('item', id);
    return toItem(row);
  }
}

/** What readers ask for, put into words, and planned by each connection, once. */
function prepare(db: Database['db']) {
  const { placeholder } = sql;
  const page = db.select().from(items).orderBy(asc(items.id));
  return {
    page: page.limit(placeholder('limit')).offset(placeholder('offset')).prepare('item_page'),
    count: db.select({ total: count() }).from(items).prepare('item_count'),
    find: db
      .select()
      .from(items)
      .where(eq(items.id, placeholder('id')))
      .prepare('item_find'),
  };
}

function toItem({ priceCents, ...row }: typeof items.$inferSelect): Item {
  return { ...row, price_cents: priceCents };
}

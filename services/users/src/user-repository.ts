/**
 * Users: kept, found, changed, deleted.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { User, UserChange, UserRequest } from '@breakwater/contracts';
import { NotFoundError } from '@breakwater/errors';
import type { Database } from '@breakwater/kit';
import { eq, sql } from 'drizzle-orm';
import { users } from './schema.ts';

/**
 * That no two users share an address is the database's word, since two requests may come at once;
 * its refusal reads as `EMAIL_ALREADY_EXISTS`.
 */
export class UserRepository {
  readonly #db: Database['db'];
  readonly #find: ReturnType<typeof prepareFind>;

  constructor(database: Pick<Database, 'db'>) {
    this.#db = database.db;
    this.#find = prepareFind(database.db);
  }

  /** @throws the database's error for an address that is taken: `EMAIL_ALREADY_EXISTS` */
  async create({ email, name }: UserRequest): Promise<User> {
    const [row] = await this.#db
      .insert(users)
      .values({ id: `user-${randomUUID()}`, email, name })
      .returning();
    return toUser(row as typeof users.$inferSelect);
  }

  /** @throws {NotFoundError} `USER_NOT_FOUND` */
  async get(id: string): Promise<User> {
    const [row] = await this.#find.execute({ id });
    if (!row) throw new NotFoundError('user', id);
    return toUser(row);
  }

  /**
   * @throws {NotFoundError} `USER_NOT_FOUND`
   * @throws the database's error for an address that is taken: `EMAIL_ALREADY_EXISTS`
   */
  async update(id: string, { email, name }: UserChange): Promise<User> {
    const [row] = await this.#db
      .update(users)
      .set({
        ...(email === undefined ? {} : { email }),
        ...(name === undefined ? {} : { name }),
        updatedAt: sql`now()`,
      })
      .where(eq(users.id, id))
      .returning();
    if (!row) throw new NotFoundError('user', id);
    return toUser(row);
  }

  /** @throws {NotFoundError} `USER_NOT_FOUND` */
  async delete(id: string): Promise<void> {
    const deleted = await this.#db
      .delete(users)
      .where(eq(users.id, id))
      .returning({ id: users.id });
    if (deleted.length === 0) throw new NotFoundError('user', id);
  }
}

/** Put into words, and planned by each connection, once. */
function prepareFind(db: Database['db']) {
  return db
    .select()
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user_find');
}

function toUser({ createdAt, updatedAt, ...row }: typeof users.$inferSelect): User {
  return { ...row, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
}
